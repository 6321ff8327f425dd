/** `unreachable`: it is well by itself, and those who need it do not get there. */
export type State = 'healthy' | 'degraded' | 'down' | 'unreachable';

export interface Look {
  readonly state: State;
  /** What is wrong; left out: nothing. */
  readonly reason?: string;
}

export interface InstanceHealth extends Look {
  readonly name: string;
  readonly component: string;
}

export interface SystemHealth {
  /** `down`: nothing is left; `degraded`: something is not healthy. */
  readonly status: 'healthy' | 'degraded' | 'down';
  /** Names what is not healthy, with the reason. */
  readonly summary: string;
  readonly dependencies: Readonly<Record<string, Look>>;
}

/** A component is down when all of its instances are, and degraded when some are not healthy. */
export function summarize(instances: readonly InstanceHealth[]): SystemHealth {
  const components = [...new Set(instances.map(({ component }) => component))];
  const dependencies = Object.fromEntries(
    components.map((name) => [name, together(instances.filter(({ component }) => component === name))]),
  );
  const unwell = Object.entries(dependencies).filter(([, { state }]) => state !== 'healthy');
  const allDown = unwell.length === components.length && unwell.every(([, { state }]) => state === 'down');
  return {
    status: unwell.length === 0 ? 'healthy' : allDown ? 'down' : 'degraded',
    summary: unwell.map(([name, { state, reason }]) => `${name} is ${state} (${reason})`).join('; '),
    dependencies,
  };
}

function together(instances: readonly InstanceHealth[]): Look {
  const unwell = instances.filter(({ state }) => state !== 'healthy');
  if (unwell.length === 0) return { state: 'healthy' };
  const states = new Set(instances.map(({ state }) => state));
  const [only = 'degraded'] = states;
  return {
    state: states.size === 1 ? only : 'degraded',
    reason: unwell.map(({ name, reason = '' }) => `${name}: ${reason}`).join(', '),
  };
}

/** A 200 without content is degraded. What takes longer than `limitMs`, or is no 200, is down. Never throws. */
export async function lookAtPage(url: string, limitMs: number): Promise<Look> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(limitMs) });
    const text = (await response.text()).trim();
    if (response.status !== 200) return { state: 'down', reason: `answered ${response.status}` };
    if (text === '' || text === '{}') return { state: 'degraded', reason: 'answered 200 without content' };
    return { state: 'healthy' };
  } catch (error) {
    const { name, message, cause } = error as Error;
    if (name === 'TimeoutError') return { state: 'down', reason: `no answer within ${limitMs / 1_000} s` };
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    return { state: 'down', reason: String(code ?? message) };
  }
}
