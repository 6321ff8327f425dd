import { origin, type Testbed } from '../lib/testbed.ts';

const requests = { '/health': 3_000, '/api/projects': 300 } as const;
const atOnce = 16;
const limitMs = 8_000;
const requestMs = 1_000;

/**
 * Sends what a first spike would send, so that a spike meets compiled code and open connections, as in a service that has been up for a
 * while. Bounded in time and count; failures do not matter here.
 */
export async function warmUp(testbed: Testbed, signal: AbortSignal): Promise<void> {
  const controller = new AbortController();
  const deadline = controller.signal;
  const stop = () => controller.abort();
  const timer = setTimeout(stop, limitMs);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  const edge = origin(testbed, 'edge');
  const headers = await logIn(edge, deadline);
  for (const [path, count] of Object.entries(requests)) {
    let left = count;
    const lane = async () => {
      while (left > 0 && !deadline.aborted) {
        left -= 1;
        // Each request has its own signal: fetch leaves a listener on it until it is collected, and Node would warn about 1500.
        await fetch(edge + path, { headers, signal: AbortSignal.timeout(requestMs) }).then(
          (response) => response.arrayBuffer(),
          () => undefined,
        );
      }
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
  }
  clearTimeout(timer);
  signal.removeEventListener('abort', stop);
}

async function logIn(edge: string, signal: AbortSignal): Promise<Record<string, string>> {
  const response = await fetch(`${edge}/api/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: 'user', password: 'squall' }),
    signal,
  }).catch(() => undefined);
  const body = (await response?.json().catch(() => undefined)) as { token?: string } | undefined;
  return body?.token === undefined ? {} : { authorization: `Bearer ${body.token}` };
}
