import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { anyK6 } from '../k6.ts';

const k6 = await anyK6();

test.skipIf(k6 === null)(
  'k6 follows a redirect, with the headers of the load, unless the request says how many: then it is the answer',
  { timeout: 60_000 },
  async () => {
    const elsewhere = await counting(200);
    const target = await counting(303, `${elsewhere.url}/pay`);
    try {
      const run = (redirects?: 0) =>
        execa(
          (k6 as NonNullable<typeof k6>).path,
          ['run', '--quiet', '--no-usage-report', path.resolve('build/requests.js')],
          {
            // So few requests prove no objective.
            reject: false,
            env: {
              BASE_URL: target.url,
              REQUESTS: JSON.stringify({
                auth: { header: 'x-api-key', value: 'mine' },
                requests: [{ method: 'POST', path: '/orders', redirects }],
              }),
              ...{ RATE: '10', DURATION: '1s' },
            },
          },
        );
      await run();
      expect(elsewhere.keys.length).toBeGreaterThan(0);
      expect(elsewhere.keys[0]).toBe('mine');
      elsewhere.keys.length = 0;
      target.keys.length = 0;
      // 303 is no failure of the request.
      expect((await run(0)).stdout).toMatch(/^ +requests\.errors +errors < 1% +0% /m);
      expect(target.keys.length).toBeGreaterThan(0);
      expect(elsewhere.keys).toEqual([]);
    } finally {
      target.close();
      elsewhere.close();
    }
  },
);

/** Answers everything so, and keeps the key that each request came with. */
async function counting(status: number, location?: string) {
  const keys: (string | undefined)[] = [];
  const server = createServer(({ headers }, response) => {
    keys.push(String(headers['x-api-key']));
    response.writeHead(status, location === undefined ? {} : { location }).end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return { keys, url: `http://127.0.0.1:${port}`, close: () => server.close().closeAllConnections() };
}
