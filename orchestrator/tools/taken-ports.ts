import net from 'node:net';
import type { Environment } from '../../chaos/schema/environment.ts';

/** Where a drill will listen; with `targets` also where its testbed will, as far as the variables say. */
export function portsOf(local: Environment, { targets }: { targets: boolean }): string[] {
  const found = new Set<string>();
  walk(local, (key, value) => {
    if (key === 'listen' && !value.endsWith(':0')) found.add(value);
  });
  for (const value of targets ? Object.values(local.vars) : []) {
    const url = URL.canParse(value) ? new URL(value) : null;
    if (url?.port && /^(127\.|localhost$|\[::1\])/.test(url.hostname)) found.add(url.host);
  }
  return [...found];
}

function walk(node: unknown, visit: (key: string, value: string) => void): void {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if (typeof value === 'string') visit(key, value);
    else walk(value, visit);
  }
}

/** Those that something listens on already. Nothing is left open. */
export async function takenPorts(addresses: readonly string[]): Promise<string[]> {
  const taken = await Promise.all(addresses.map(isTaken));
  return addresses.filter((_, index) => taken[index]);
}

/** Only "in use" counts: an address that this machine does not have, say, is for `validate` and the drill to refuse. */
function isTaken(address: string): Promise<boolean> {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EADDRINUSE'));
    server.listen({ host, port: Number(address.slice(colon + 1)), exclusive: true }, () =>
      server.close(() => resolve(false)),
    );
  });
}
