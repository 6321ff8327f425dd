import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { shortFaults } from '../drill/faults.ts';
import { runToEnd, writeDrill } from '../drill/run-drill.ts';
import { type K6OfMajor, k6OfEachMajor } from '../k6.ts';
import { startTinyTarget, type TinyTarget } from '../tiny-target/tiny-target.ts';

const folder = path.resolve(import.meta.dirname, '../foreign');
const majors = await k6OfEachMajor();
/** The majors take turns. */
const scripts = readdirSync(folder)
  .filter((name) => /\.[jt]s$/.test(name))
  .map((name, i) => ({ name, ...(majors[i % majors.length] as K6OfMajor) }));
let target: TinyTarget | undefined;
afterEach(() => target?.stop());

// As written by teams that do not know squall: no script uses any part of it, and none is changed for a drill.
for (const { name, major, k6 } of scripts)
  test.skipIf(k6 === null)(
    `${name} runs as it is on k6 ${major}, and its requests and the outage are seen`,
    async () => {
      target = await startTinyTarget({ restartAfterMs: 500 });
      const load = [{ script: path.join(folder, name) }];
      const files = writeDrill(target, { load, faults: [shortFaults.kill] }, {}, k6?.path);
      const { exitCode, verdict } = await runToEnd(files);
      expect(verdict, verdict.reasons.join('\n')).toMatchObject({ verdict: 'PASS', residue: [] });
      expect(exitCode).toBe(0);
      for (const { name, requests } of verdict.phases) expect(requests, name).toBeGreaterThan(10);
      const [fault] = verdict.faults;
      expect(fault?.failedRequests).toBeGreaterThan(0);
      expect(fault?.downtimeMs).toBeGreaterThan(0);
      expect(fault?.recoveredAt).toEqual(expect.any(String));
    },
  );
