import { describe, expect, test, vi } from 'vitest';
import { type ProbeReading, type Provider, ProviderError } from '../../chaos/provider.ts';
import { createLocalProvider } from '../../chaos/providers/local/provider.ts';
import { drill } from '../../chaos/schema/drill.ts';
import { environment } from '../../chaos/schema/environment.ts';
import { exitCodeOf, explain } from '../../scripts/exit.ts';
import type { DrillPlan } from '../plan.types.ts';
import { resolveTargets } from './resolve-targets.ts';

const plan = {
  drill: drill.parse({
    name: 'asked-first',
    load: [{ scenario: 'spike' }],
    objectives: [{ name: 'few-errors', errors: true, below: '1%' }],
    probes: [
      { name: 'up', kind: 'http', url: 'http://127.0.0.1:1/', within: '1s', after: 'lost' },
      { name: 'alerted', kind: 'alert', match: { component: 'web' }, within: '1s', after: 'lost' },
      { name: 'back', kind: 'ready-within', component: 'web', within: '1s' },
      { name: 'enough', kind: 'replicas', component: 'web', atLeast: 3, within: '1s' },
    ],
  }),
  environment: environment.parse({
    name: 'lab',
    components: { web: { provider: 'local', process: { pidFile: '/tmp/lab/web.pid' } } },
  }),
  loads: [],
  objectives: [],
  notes: [],
  secrets: [],
} satisfies DrillPlan;

/** The local provider, with probes that are answered so, or with none. */
function resolveWith(probe: NonNullable<Provider['probe']> | undefined) {
  const { probe: _, ...local } = createLocalProvider();
  const provider = { ...local, ...(probe === undefined ? {} : { probe }) };
  const options = { plan, run: 'plan', providers: [provider], approve: [] };
  return resolveTargets(options, new AbortController().signal).catch((error: unknown) => error);
}

describe('with made-up answers of a provider', () => {
  test('a probe that its provider cannot answer is refused before the drill: which, of what, and the way out', async () => {
    const refusal = await resolveWith(async () => {
      throw new ProviderError('no deployment has such pods', { fix: 'count pods' });
    });
    expect(exitCodeOf(refusal)).toBe(64);
    expect(explain(refusal)).toBe(
      'squall: probe back of component web: no deployment has such pods\n  Fix: count pods',
    );
  });

  test('a provider that names the component does not name it twice', async () => {
    const refusal = await resolveWith(async () => {
      throw new ProviderError('component web: no such process');
    });
    expect(explain(refusal)).toBe('squall: probe back of component web: no such process');
  });

  test('a provider without probes refuses them, too', async () => {
    const refusal = await resolveWith(undefined);
    expect(exitCodeOf(refusal)).toBe(64);
    expect(explain(refusal)).toMatch(
      /probe back of component web: provider local answers no .*Fix: use a probe/,
    );
  });

  test('each probe of a component is asked once, and "not yet" refuses nothing', async () => {
    const probe = vi.fn(
      async (): Promise<ProbeReading> => ({ ok: false, detail: '0 of 3 replicas are ready' }),
    );
    expect(await resolveWith(probe)).toMatchObject({ faults: [], ask: expect.any(Function) });
    expect(probe.mock.calls.map(([request]: unknown[]) => request)).toMatchObject([
      { probe: { name: 'back' } },
      { probe: { name: 'enough' } },
    ]);
  });

  test('a defect of a provider is no refusal', async () => {
    const defect = new TypeError('x is undefined');
    expect(await resolveWith(() => Promise.reject(defect))).toBe(defect);
  });
});
