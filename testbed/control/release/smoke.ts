import { askedByControl } from '../../lib/inventory.ts';
import { origin, type PortName, type Testbed } from '../../lib/testbed.ts';

type Looked = 'good' | 'failed' | 'not looked at';

/** What was looked at before a version got traffic. */
export interface Smoke {
  readonly health: Looked;
  readonly endpoints: Looked;
  readonly database: Looked;
}

export const notLookedAt: Smoke = {
  health: 'not looked at',
  endpoints: 'not looked at',
  database: 'not looked at',
};

const timeoutMs = 5_000;

/** Asks a gateway itself, past the load balancer: its health, the endpoints that users cannot do without, a write that is read back. */
export async function smoke(testbed: Testbed, gateway: PortName): Promise<Smoke> {
  const at = origin(testbed, gateway);
  let token = '';
  const ask = async (path: string, body?: object): Promise<Record<string, unknown>> => {
    const response = await fetch(`${at}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        [askedByControl]: 'control',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return JSON.parse(text) as Record<string, unknown>;
  };
  const health = await looked(() => ask('/health'));
  const endpoints = await looked(async () => {
    token = String((await ask('/api/login', { user: 'load-smoke', password: 'squall' })).token);
    await ask('/api/session');
    await ask('/api/projects');
  });
  const database = await looked(async () => {
    const { id } = await ask('/api/projects', { name: 'smoke', bpm: 96 });
    if ((await ask(`/api/projects/${id}`)).name !== 'smoke') throw new Error('another project was read back');
  });
  return { health, endpoints, database };
}

async function looked(at: () => Promise<unknown>): Promise<Looked> {
  try {
    await at();
    return 'good';
  } catch {
    return 'failed';
  }
}
