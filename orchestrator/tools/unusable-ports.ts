import net from 'node:net';
import { type ListenTrouble, listenTrouble } from '../../chaos/listening.ts';
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

export interface UnusablePort extends ListenTrouble {
  readonly address: string;
}

/** Those that something listens on already, or that this user may not listen on. Nothing is left open. */
export async function unusablePorts(addresses: readonly string[]): Promise<UnusablePort[]> {
  const troubles = await Promise.all(addresses.map(troubleOf));
  return addresses.flatMap((address, index) => {
    const trouble = troubles[index];
    return trouble ? [{ address, ...trouble }] : [];
  });
}

/** Anything else, such as an address that this machine does not have, is for `validate` and the drill to refuse. */
function troubleOf(address: string): Promise<ListenTrouble | null> {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  const port = Number(address.slice(colon + 1));
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', (error) => resolve(listenTrouble(error, port)));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}
