import { expect, test } from 'vitest';
import { drill } from '../../chaos/schema/drill.ts';
import { environment } from '../../chaos/schema/environment.ts';
import { hostsTarget } from './hosts-target.ts';

const load = (vars: Record<string, string> = {}) =>
  drill.parse({
    name: 'd',
    load: [{ script: 'script.js', vars }],
    steady: { for: '1s' },
    objectives: [{ use: 'gateway' }],
  });
const lab = (more: object) => environment.parse({ name: 'lab', ...more });

test.each([
  ['a variable with a loopback URL', lab({ vars: { BASE_URL: 'http://127.0.0.1:9000' } }), load(), true],
  ['the same in the drill', lab({}), load({ BASE_URL: 'http://localhost:9000/x' }), true],
  [
    'a local process',
    lab({ components: { gateway: { provider: 'local', process: { pidFile: 'gateway.pid' } } } }),
    load(),
    true,
  ],
  [
    'a URL of another machine',
    lab({ vars: { BASE_URL: 'https://staging.example.com' } }),
    load({ RATE: '50' }),
    false,
  ],
  [
    'a component on a cluster',
    lab({
      components: { gateway: { provider: 'chaos-mesh', namespace: 'dawg', labels: { app: 'gateway' } } },
    }),
    load(),
    false,
  ],
])('%s says whether the target runs here', (_, one, own, expected) => {
  expect(hostsTarget(one, own)).toBe(expected);
});
