import { expect, test } from 'vitest';
import { environment } from '../../chaos/schema/environment.ts';
import { loadVars } from './load-vars.ts';

const url = 'http://127.0.0.1:16686/trace/{traceId}';

test('traces of an environment are a setting of each load, and a drill may say otherwise', () => {
  const traced = environment.parse({ name: 'lab', vars: { A: 'a' }, traces: { url } });
  expect(loadVars(traced, { vars: {} })).toEqual({ TRACES: '100%', A: 'a' });
  expect(loadVars(traced, { vars: { TRACES: '1%' } })).toEqual({ TRACES: '1%', A: 'a' });
  expect(loadVars(environment.parse({ name: 'lab' }), { vars: {} })).toEqual({});
});

test.each([
  [{ url: 'http://127.0.0.1/trace' }, 'must be an http or https URL with {traceId} in it'],
  [{ url: 'javascript:alert({traceId})' }, 'must be an http or https URL with {traceId} in it'],
  [{ url, share: '0%' }, 'must be more than 0'],
  [{ url, share: '101%' }, 'must be at most 100%'],
])('an environment with traces %j is refused', (traces, why) => {
  const parsed = environment.safeParse({ name: 'lab', traces });
  expect(parsed.error?.issues[0]?.message).toContain(why);
});
