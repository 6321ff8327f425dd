import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { shortFaults } from '../drill/faults.ts';
import { runToEnd, writeDrill } from '../drill/run-drill.ts';
import { k6OfEachMajor } from '../k6.ts';
import { startTinyTarget, type TinyTarget } from '../tiny-target/tiny-target.ts';

let target: TinyTarget | undefined;
afterEach(() => target?.stop());

const SCENARIO = "{ executor: 'constant-arrival-rate', rate: 20, duration: '8s', preAllocatedVUs: 20 }";
/** One of two scenarios throws before its first request, in each of its iterations. */
const THROWN_MINORITY = `
import http from 'k6/http';
const one = ${SCENARIO};
export const options = { scenarios: { browse: { ...one, rate: 60 }, checkout: { ...one, exec: 'checkout' } } };
export default () => { http.get(__ENV.BASE_URL + '/', { tags: { name: 'GET /' } }); };
export const checkout = () => { const { id } = undefined; http.post(__ENV.BASE_URL + '/checkout/' + id); };
`;
const WITHOUT_REQUESTS = `
import { Counter } from 'k6/metrics';
const turns = new Counter('turns');
export const options = { scenarios: { own: ${SCENARIO} } };
export default () => { turns.add(1); };
`;
/** One asks somebody else by HTTP; the other knocks at the target with WebSockets, and counts nothing. */
const besideHttp = (elsewhere: string) => `
import http from 'k6/http';
import { WebSocket } from 'k6/websockets';
const one = ${SCENARIO};
export const options = { scenarios: { api: one, chat: { ...one, exec: 'chat' } } };
export default () => { http.get('${elsewhere}', { tags: { name: 'GET /' } }); };
export const chat = () => {
  const socket = new WebSocket(__ENV.BASE_URL.replace('http', 'ws') + '/chat');
  socket.onopen = () => socket.close();
  socket.onerror = () => {};
};
`;

describe.each(await k6OfEachMajor())('on k6 $major', ({ k6 }) => {
  async function runOf(script: string) {
    target = await startTinyTarget({ restartAfterMs: 500 });
    const file = path.join(target.directory, 'load.js');
    writeFileSync(file, script);
    const load = [{ script: file }];
    const files = writeDrill(target, { load, faults: [shortFaults.kill] }, {}, k6?.path);
    return { ...(await runToEnd(files)), out: files.out };
  }

  test.skipIf(k6 === null)(
    'a scenario that throws before its first request is INVALID by name, however well the other one does',
    async () => {
      const { exitCode, verdict } = await runOf(THROWN_MINORITY);
      const reasons = verdict.reasons.join('\n');
      expect([verdict.verdict, exitCode], reasons).toEqual(['INVALID', 2]);
      expect(reasons).toMatch(/checkout/);
      expect(verdict.faults[0]).toMatchObject({ result: 'PASS' });
    },
  );

  test.skipIf(k6 === null)(
    'a fault that could only be seen by a scenario of which nothing is counted is INVALID, and says what to list',
    async () => {
      const other = http.createServer((_, response) => response.end('ok'));
      other.listen(0, '127.0.0.1');
      await once(other, 'listening');
      try {
        const { port } = other.address() as AddressInfo;
        const { exitCode, verdict } = await runOf(besideHttp(`http://127.0.0.1:${port}/`));
        const reasons = verdict.reasons.join('\n');
        expect([verdict.verdict, exitCode], reasons).toEqual(['INVALID', 2]);
        expect(verdict.faults[0], reasons).toMatchObject({
          result: 'INVALID',
          failedRequests: 0,
          outages: [],
        });
        expect(verdict.faults[0]?.reason).toContain(
          'the scenario chat makes none: what its users saw is not known',
        );
      } finally {
        other.close();
        other.closeAllConnections();
      }
    },
  );

  test.skipIf(k6 === null)('of a load without requests no downtime is known: that is not 0', async () => {
    const { exitCode, verdict, out } = await runOf(WITHOUT_REQUESTS);
    const reasons = verdict.reasons.join('\n');
    expect([verdict.verdict, exitCode], reasons).toEqual(['INVALID', 2]);
    expect(verdict.faults[0]?.downtimeMs, reasons).toBeNull();
    expect(readFileSync(path.join(out, 'report.md'), 'utf8')).not.toMatch(/\b0 ms\b/);
  });
});
