import fc from 'fast-check';
import { expect, it } from 'vitest';
import { holds } from '../test/trials.ts';
import { faultKinds } from './faults/index.ts';
import { checkLimits, type LimitRequest } from './limits.ts';
import { ONCE_COUNTS_FOR_MS } from './limits-timeline.ts';
import type { Resolution, Target } from './provider.ts';
import { identityOf } from './provider.ts';
import type { DrillFault } from './schema/drill.ts';
import type { Environment } from './schema/environment.ts';

const KINDS = ['kill', 'freeze', 'failover', 'partition', 'latency', 'stress'] as const;

const replica = (name: string, healthy = true): Target => ({
  label: name,
  identity: { pid: name.length * 1000 + name.charCodeAt(name.length - 1), name },
  healthy,
});
const component = { provider: 'local', process: { pidFile: '/run/a.pid' } } as const;

/** Two faults on three gateways, 60 s apart, in an environment that allows just that. */
function request(
  change: { fault?: object; second?: object; allow?: object | null; approve?: string[]; name?: string } = {},
) {
  const fault = {
    name: 'one',
    kind: 'kill',
    component: 'gateway',
    at: 10_000,
    expect: {},
    params: { count: 1, lastHealthy: false },
  };
  const faults = [
    { ...fault, ...change.fault },
    { ...fault, name: 'two', at: 70_000, ...change.second },
  ] as DrillFault[];
  const all = ['gateway-1', 'gateway-2', 'gateway-3'].map((name) => replica(name));
  const hit = (i: number): Resolution => ({ candidates: all, targets: [all[i] as Target], healthy: 3 });
  const environment = {
    name: change.name ?? 'local',
    components: { gateway: component },
    ...(change.allow === null
      ? {}
      : { allow: { kinds: [...KINDS], maxTargets: 1, maxDuration: 60_000, ...change.allow } }),
  } as LimitRequest['environment'];
  return {
    drill: { faults },
    environment,
    resolutions: { one: hit(0), two: hit(1) },
    approve: change.approve ?? [],
  };
}
const rules = (r: LimitRequest) => checkLimits(r).map((refusal) => `${refusal.fault}: ${refusal.rule}`);

it('lets through what the environment allows', () => {
  expect(checkLimits(request())).toEqual([]);
});

it('refuses everything in an environment without allow, and says what to add where', () => {
  const refusals = checkLimits(request({ allow: null }));
  expect(refusals.map((r) => r.fault)).toEqual(['one', 'two']);
  expect(refusals[0]?.fix).toContain('allow: { kinds: [kill], components: [gateway] }');
});

it('refuses a kind, a component and a duration that are not allowed', () => {
  expect(rules(request({ allow: { kinds: ['freeze'] } }))).toEqual([
    'one: faults of the kind kill are not allowed',
    'two: faults of the kind kill are not allowed',
  ]);
  expect(rules(request({ allow: { components: ['sessions'] } }))[0]).toBe(
    'one: the component "gateway" may not be hit',
  );
  expect(rules(request({ fault: { kind: 'freeze', for: 60_001 }, second: { at: 80_000 } }))).toEqual([
    'one: it lasts 60.001 s, and at most 60 s are allowed',
  ]);
  expect(rules(request({ fault: { kind: 'freeze', for: 60_000 }, second: { at: 70_000 } }))).toEqual([]);
});

it('adds up the targets of faults that are in at the same time', () => {
  const overlapping = request({ fault: { kind: 'freeze', for: 60_000 }, second: { at: 69_999 } });
  expect(rules(overlapping)).toEqual([
    'two: 2 targets would be under faults at the same time (with one), and at most 1 are allowed',
  ]);
  expect(
    rules(
      request({ fault: { kind: 'freeze', for: 60_000 }, second: { at: 69_999 }, allow: { maxTargets: 2 } }),
    ),
  ).toEqual([]);
});

it('counts a killed replica as hit until the drill says that it must be back', () => {
  expect(rules(request({ second: { at: 10_000 + ONCE_COUNTS_FOR_MS - 1 } }))[0]).toContain('2 targets');
  expect(rules(request({ second: { at: 10_000 + ONCE_COUNTS_FOR_MS } }))).toEqual([]);
  expect(rules(request({ fault: { expect: { recoverWithin: 5_000 } }, second: { at: 15_000 } }))).toEqual([]);
});

it('does not count one target twice', () => {
  const r = request({ second: { at: 11_000 } });
  expect(rules({ ...r, resolutions: { one: r.resolutions.one, two: r.resolutions.one } })).toEqual([]);
});

it('never takes the last healthy replica unless the drill says so', () => {
  const gone = [replica('gateway-1'), replica('gateway-2', false)];
  const last: Resolution = { candidates: gone, targets: [gone[0] as Target], healthy: 1 };
  const spare: Resolution = { candidates: gone, targets: [gone[1] as Target], healthy: 1 };
  const r = request();
  expect(rules({ ...r, resolutions: { ...r.resolutions, one: last } })).toEqual([
    'one: it would take the last healthy replica of "gateway" (1 healthy, 1 hit)',
  ]);
  expect(rules({ ...r, resolutions: { ...r.resolutions, one: spare } })).toEqual([]);
  const said = request({ fault: { params: { count: 1, lastHealthy: true } } });
  expect(rules({ ...said, resolutions: { ...said.resolutions, one: last } })).toEqual([]);
});

it('does not let two faults together take the last healthy replica', () => {
  const two = [replica('gateway-1'), replica('gateway-2')];
  const on = (i: number): Resolution => ({ candidates: two, targets: [two[i] as Target], healthy: 2 });
  const r = request({ second: { at: 11_000 }, allow: { maxTargets: 2 } });
  expect(rules({ ...r, resolutions: { one: on(0), two: on(1) } })).toEqual([
    'two: it would take the last healthy replica of "gateway" (2 healthy, 2 hit)',
  ]);
});

it('wants a fault that cannot be undone approved by name, except on the local environment', () => {
  const failover = { kind: 'failover', params: { mode: 'kill' } };
  expect(rules(request({ fault: failover }))).toEqual([]);
  expect(rules(request({ fault: failover, name: 'staging' }))).toEqual([
    'one: a failover cannot be undone, and this is not the local environment',
  ]);
  expect(rules(request({ fault: failover, name: 'staging', approve: ['two'] }))).toHaveLength(1);
  expect(rules(request({ fault: failover, name: 'staging', approve: ['one'] }))).toEqual([]);
});

it('does not take the name local for a component of another provider', () => {
  const r = request({ fault: { kind: 'failover', params: { mode: 'kill' } } });
  const remote = { provider: 'chaos-mesh', namespace: 'a', labels: { app: 'g' }, atMost: 0.5 } as const;
  expect(rules({ ...r, environment: { ...r.environment, components: { gateway: remote } } })).toHaveLength(1);
});

it('refuses an approval that names no fault', () => {
  expect(rules(request({ approve: ['oen'] }))).toEqual([
    'undefined: --approve "oen" names no fault of this drill',
  ]);
});

it('refuses faults without targets, with unresolved targets, with fewer than asked for, or with strangers', () => {
  const r = request();
  const { one } = r.resolutions;
  expect(rules({ ...r, resolutions: { two: r.resolutions.two } })[0]).toContain('not been resolved');
  expect(rules({ ...r, resolutions: { ...r.resolutions, one: { ...one, targets: [] } } })[0]).toContain(
    'matches nothing',
  );
  expect(
    rules({ ...r, resolutions: { ...r.resolutions, one: { ...one, targets: [replica('x')] } } })[0],
  ).toContain('does not match');
  expect(rules(request({ fault: { params: { count: 2, lastHealthy: false } } }))[0]).toContain(
    'asks for 2 targets and would hit 1',
  );
});

it('is not fooled by names that every object has', () => {
  const r = request({ fault: { name: 'constructor', component: '__proto__' } });
  expect(rules(r)).toEqual([
    'constructor: the component "__proto__" is unknown',
    'constructor: its targets have not been resolved',
  ]);
});

it('never lets anything pass outside the limits, and refuses nothing that is inside', async () => {
  const outcomes = { passed: 0, refused: 0 };
  await holds(
    'random inventories × selectors × limits',
    fc.property(scenario(), (r) => {
      const allowed = isAllowed(r);
      expect(checkLimits(r).length === 0).toBe(allowed);
      outcomes[allowed ? 'passed' : 'refused'] += 1;
    }),
    { full: 100_000, sample: 5_000 },
  );
  // Else the property would say little: both answers must have been common.
  const total = outcomes.passed + outcomes.refused;
  expect(Math.min(outcomes.passed, outcomes.refused) / total).toBeGreaterThan(0.05);
}, 600_000);

/** The same question, answered in another way: by looking at each moment at which something changes. */
function isAllowed({ drill, environment, resolutions, approve }: LimitRequest): boolean {
  const allow = environment.allow;
  if (allow === undefined) return drill.faults.length === 0 && approve.length === 0;
  if (!approve.every((name) => drill.faults.some((fault) => fault.name === name))) return false;
  const windows: { from: number; to: number; fault: DrillFault; found: Resolution }[] = [];
  for (const fault of drill.faults) {
    const found = resolutions[fault.name];
    if (found === undefined || environment.components[fault.component] === undefined) return false;
    if (!allow.kinds.includes(fault.kind)) return false;
    if (allow.components !== undefined && !allow.components.includes(fault.component)) return false;
    if ('for' in fault && fault.for > allow.maxDuration) return false;
    if (!faultKinds[fault.kind].reversible && environment.name !== 'local' && !approve.includes(fault.name))
      return false;
    const ids = found.targets.map(identityOf);
    if (ids.length === 0 || !ids.every((id) => found.candidates.map(identityOf).includes(id))) return false;
    if ('count' in fault.params && new Set(ids).size !== fault.params.count) return false;
    const lasts = 'for' in fault ? fault.for : (fault.expect.recoverWithin ?? ONCE_COUNTS_FOR_MS);
    windows.push({ from: fault.at, to: fault.at + lasts, fault, found });
  }
  return windows
    .flatMap(({ from, to }) => [from, to - 1])
    .every((time) => {
      const now = windows.filter(({ from, to }) => from <= time && time < to);
      if (new Set(now.flatMap(({ found }) => found.targets.map(identityOf))).size > allow.maxTargets)
        return false;
      return now.every(({ fault, found, from }) => {
        if (from !== time || !['kill', 'freeze', 'failover'].includes(fault.kind)) return true;
        if ('lastHealthy' in fault.params && fault.params.lastHealthy) return true;
        if (!found.targets.some((target) => target.healthy)) return true;
        const gone = now.filter(
          (w) =>
            w.fault.component === fault.component && ['kill', 'freeze', 'failover'].includes(w.fault.kind),
        );
        const healthy = new Set(
          gone.flatMap((w) => w.found.targets.filter((t) => t.healthy).map(identityOf)),
        );
        return healthy.size < found.healthy;
      });
    });
}

/** Inventories of up to 4 components with up to 5 replicas, up to 4 faults that select some of them, and limits. */
function scenario(): fc.Arbitrary<LimitRequest> {
  const names = ['gateway', 'projects', 'sessions', 'studio-link'];
  const inventory = fc.record(
    Object.fromEntries(
      names.map((name) => [
        name,
        fc
          .array(fc.boolean(), { minLength: 1, maxLength: 5 })
          .map((healthy) => healthy.map((ok, i) => replica(`${name}-${i}`, ok))),
      ]),
    ),
  );
  const fault = fc.record({
    kind: fc.constantFrom(...KINDS),
    component: fc.constantFrom(...names, ...names, ...names, 'nowhere'),
    at: fc.integer({ min: 0, max: 400 }).map((s) => s * 1000),
    for: fc.integer({ min: 1, max: 70 }).map((s) => s * 1000),
    count: fc.constantFrom(1, 1, 1, 2, 3),
    lastHealthy: fc.boolean(),
    recoverWithin: fc.option(fc.constantFrom(1_000, 40_000), { nil: undefined }),
    // What a provider does with a selector: mostly as asked, at times fewer, and at times a stranger.
    resolve: fc.constantFrom(
      'asked',
      'asked',
      'asked',
      'asked',
      'asked',
      'asked',
      'fewer',
      'stranger',
      'failed',
    ),
    skip: fc.nat(4),
  });
  const limits = fc.record({
    kinds: fc.oneof(fc.constant([...KINDS]), fc.subarray([...KINDS], { minLength: 1 })),
    maxTargets: fc.integer({ min: 1, max: 4 }),
    maxDuration: fc.constantFrom(30_000, 60_000, 600_000),
    components: fc.option(fc.subarray(names, { minLength: 2 }), { nil: undefined }),
  });
  return fc
    .record({
      inventory,
      faults: fc.array(fault, { maxLength: 4 }),
      limits: fc.oneof({ weight: 9, arbitrary: limits }, { weight: 1, arbitrary: fc.constant(undefined) }),
      name: fc.constantFrom('local', 'staging'),
      approve: fc.subarray(['f0', 'f1', 'f2', 'f3']),
      approveAll: fc.boolean(),
    })
    .map(({ inventory, faults, limits, name, approve, approveAll }) => {
      const drillFaults = faults.map((f, i) => toFault(f, `f${i}`));
      const resolutions: Record<string, Resolution> = {};
      faults.forEach((f, i) => {
        const candidates = inventory[f.component] ?? [];
        if (f.resolve === 'failed') return;
        const asked = [...candidates.slice(f.skip), ...candidates.slice(0, f.skip)].slice(0, f.count);
        const targets =
          f.resolve === 'asked'
            ? asked
            : f.resolve === 'fewer'
              ? asked.slice(1)
              : [...asked.slice(1), replica('stranger')];
        resolutions[`f${i}`] = { candidates, targets, healthy: candidates.filter((c) => c.healthy).length };
      });
      return {
        drill: { faults: drillFaults },
        environment: {
          name,
          components: Object.fromEntries(names.map((n) => [n, component])) as Environment['components'],
          ...(limits && { allow: { ...limits, kinds: limits.kinds } }),
        },
        resolutions,
        approve: approveAll ? drillFaults.map((f) => f.name) : approve,
      } as LimitRequest;
    });
}

function toFault(
  f: {
    kind: string;
    component: string;
    at: number;
    for: number;
    count: number;
    lastHealthy: boolean;
    recoverWithin: number | undefined;
  },
  name: string,
): DrillFault {
  const counts = f.kind === 'kill' || f.kind === 'freeze';
  return {
    name,
    kind: f.kind,
    component: f.component,
    at: f.at,
    expect: f.recoverWithin === undefined ? {} : { recoverWithin: f.recoverWithin },
    params: counts ? { count: f.count, lastHealthy: f.lastHealthy } : {},
    ...(f.kind === 'kill' || f.kind === 'failover' ? {} : { for: f.for }),
  } as DrillFault;
}
