import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readJournal } from '../../orchestrator/journal/read-journal.ts';
import { journalOf } from '../../orchestrator/journal/run-directory.ts';
import type { K6 } from '../../orchestrator/tools/find-k6.ts';
import { eachShortFault, everyShortFault, shortFaults } from '../drill/faults.ts';
import { runInProcess, withoutEffect } from '../drill/in-process.ts';
import { type DrillFiles, writeDrill } from '../drill/run-drill.ts';
import { anyK6 } from '../k6.ts';
import { until } from '../survivors.ts';
import { startTinyTarget, type TinyTarget } from '../tiny-target/tiny-target.ts';
import { trials } from '../trials.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');
const k6 = await anyK6();
let target: TinyTarget;
beforeEach(async () => {
  target = await startTinyTarget();
  vi.stubEnv('XDG_STATE_HOME', path.join(target.directory, 'state'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await target.stop();
});

/** k6, except that only the first bytes of its samples reach the pipe that squall reads. It does not get the test's own variables. */
const cuttingK6 = (bytes: number) => `#!/bin/sh
REAL_K6='${k6?.path}'
pipe=\${K6_CSV_FILENAME-}
[ -n "$pipe" ] || exec "$REAL_K6" "$@"
mkfifo "$pipe.whole"
{ head -c ${bytes} >"$pipe"; cat >/dev/null; } <"$pipe.whole" &
K6_CSV_FILENAME="$pipe.whole" "$REAL_K6" "$@"; code=$?
wait; rm -f "$pipe.whole"
exit $code
`;

const THROWS_WITH_THRESHOLDS = `
import http from 'k6/http';
export const options = {
  scenarios: { all: { executor: 'constant-arrival-rate', rate: 50, duration: __ENV.DURATION, preAllocatedVUs: 10 } },
  thresholds: { iterations: ['count>100000'] },
};
export default function () {
  http.get(__ENV.BASE_URL + '/health');
  throw new Error('after the request');
}
`;

/** What is said of them. A link that carries nothing delays nothing; and a second of stress may not get its share of a busy machine. */
const WHY_UNUSED: Readonly<Record<string, RegExp>> = {
  [shortFaults.latency.name]: /no bytes passed the link/,
  [shortFaults.stress.name]: /use|took effect/,
};

function set(drill: object): DrillFiles {
  return writeDrill(target, drill, {}, k6?.path);
}

describe.skipIf(k6 === null)('a drill that is sabotaged', () => {
  // One drill for all kinds: each is looked for until the load has ended.
  test('faults of each kind whose effect is replaced by nothing are INVALID for want of evidence', async () => {
    const { verdict } = await runInProcess(set(eachShortFault(1_300)), k6 as K6, withoutEffect);
    expect(verdict.verdict, verdict.reasons.join('\n')).toBe('INVALID');
    const nothing = { result: 'INVALID', evidence: [], injectedAt: null };
    expect(verdict.faults).toMatchObject(everyShortFault.map(() => nothing));
    expect(verdict.residue).toEqual([]);
  });

  // What is hit is real, and dies, hangs, burns and is cut. The load uses another one just like it.
  test('faults of each kind in a target that nothing uses, beside the one that serves, are INVALID', async () => {
    const serving = await startTinyTarget();
    try {
      const vars = { BASE_URL: `http://127.0.0.1:${serving.port}` };
      const files = writeDrill(target, eachShortFault(1_300), { vars }, k6?.path);
      const { verdict } = await runInProcess(files, k6 as K6);
      expect(verdict.verdict, verdict.reasons.join('\n')).toBe('INVALID');
      expect(verdict.faults).toMatchObject(
        everyShortFault.map(() => ({ result: 'INVALID', failedRequests: 0 })),
      );
      for (const { name, reason } of verdict.faults)
        expect([name, reason]).toEqual([name, expect.stringMatching(WHY_UNUSED[name] ?? /use/)]);
      expect(verdict.residue).toEqual([]);
    } finally {
      await serving.stop();
    }
  });

  test('a script’s errors and its own thresholds count, whatever the user’s shell tells k6', async () => {
    vi.stubEnv('K6_LOG_OUTPUT', 'none');
    vi.stubEnv('K6_NO_THRESHOLDS', 'true');
    vi.stubEnv('K6_LINGER', 'true');
    const files = set({ load: [{ script: 'script.js', vars: { DURATION: '2s' } }] });
    writeFileSync(path.join(target.directory, 'script.js'), THROWS_WITH_THRESHOLDS);
    const { verdict, directory } = await runInProcess(files, k6 as K6);
    const { lines } = readJournal(journalOf(directory));
    expect(lines.flatMap(({ event }) => (event.type === 'note' ? [event.text] : []))).toContainEqual(
      expect.stringMatching(/K6_LINGER, K6_LOG_OUTPUT, K6_NO_THRESHOLDS.* are not passed on/),
    );
    expect(verdict.verdict, verdict.reasons.join('\n')).toBe('FAIL');
    expect(verdict.reasons.join('\n')).toMatch(/thresholds that the script itself sets.*\n.*threw an error/s);
  });

  test('a sample stream that is cut, although k6 itself ends well, is INVALID', async () => {
    const files = set({});
    const cutting = path.join(target.directory, 'cutting-k6');
    writeFileSync(cutting, cuttingK6(50_000), { mode: 0o755 });
    const { verdict } = await runInProcess(files, { ...(k6 as K6), path: cutting });
    expect(verdict.verdict).toBe('INVALID');
    expect(verdict.reasons.join('\n')).toMatch(/samples.*(cut|line)/i);
    // The same set-up with nothing cut off is not among the reasons.
    writeFileSync(cutting, cuttingK6(999_999_999), { mode: 0o755 });
    const whole = await runInProcess(files, { ...(k6 as K6), path: cutting });
    expect(whole.verdict.verdict, whole.verdict.reasons.join('\n')).toBe('PASS');
  });

  test.runIf(process.platform === 'linux')(
    'nor does one drill after the other: descriptors and memory stay flat',
    { timeout: 3_600_000 },
    async () => {
      const { count } = trials('consecutive drills', { full: 300, sample: 6 });
      const files = set({
        load: [{ script: 'script.js', vars: { DURATION: '4s', RATE: '20' } }],
        // Early, which leaves two seconds at the end of the load for a slow machine.
        faults: [{ ...shortFaults.latency, at: '1s' }],
        steady: { for: '500ms' },
      });
      const heapMb: number[] = [];
      let opened = 0;
      for (let i = 0; i < count; i += 1) {
        const { verdict } = await runInProcess(files, k6 as K6);
        expect(verdict.verdict, verdict.reasons.join('\n')).toBe('PASS');
        // The first runs open what is opened once; after that no run may add any. A worker takes some milliseconds to go away.
        if (i < 3) opened = Math.max(opened, descriptors().length);
        else {
          const open = () => `run ${i}, at first ${opened}, now ${descriptors().sort().join(', ')}`;
          await until(() => descriptors().length <= opened, 5000, open);
        }
        collectGarbage();
        heapMb.push(process.memoryUsage().heapUsed / 2 ** 20);
      }
      // V8 goes on compiling for some runs (2 MB in heap snapshots); a run that kept its samples or its journal would keep more.
      const grownMb = (heapMb.at(-1) as number) - (heapMb[2] as number);
      expect(grownMb, heapMb.map((mb) => mb.toFixed(2)).join(', ')).toBeLessThan(4);
    },
  );
});

/** What this process has open, in words, without the descriptor that reads the directory. */
function descriptors(): string[] {
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      return [`${descriptor} ${readlinkSync(`/proc/self/fd/${descriptor}`)}`];
    } catch {
      return [];
    }
  });
}
