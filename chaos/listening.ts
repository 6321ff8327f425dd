import { readFileSync } from 'node:fs';
import { shellWord } from './shell-word.ts';

/** Why a port cannot be listened on, and the way out, for people. */
export interface ListenTrouble {
  readonly kind: 'taken' | 'forbidden';
  /** Read after the address: `127.0.0.1:80: this user may not listen on ports below 1024`. */
  readonly why: string;
  readonly fix: string;
}

/** What the error of a server that should have listened on `port` means; null: something else, and its own message says what. */
export function listenTrouble(cause: unknown, port: number): ListenTrouble | null {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') {
    return {
      kind: 'taken',
      why: 'something else listens there',
      fix: `see what it is (ss -ltnp 'sport = :${port}') and end it, or choose another port`,
    };
  }
  if (code !== 'EACCES' && code !== 'EPERM') return null;
  const first = firstOpenPort();
  if (port >= first)
    return { kind: 'forbidden', why: 'this user may not listen there', fix: 'choose another port' };
  return {
    kind: 'forbidden',
    why: `this user may not listen on ports below ${first}`,
    fix: `choose a port from ${first} on, let every user have this one (sudo sysctl net.ipv4.ip_unprivileged_port_start=${port}), or let Node have it (sudo setcap cap_net_bind_service=+ep ${shellWord(process.execPath)})`,
  };
}

/** From here on every user may listen (CAP_NET_BIND_SERVICE below it). */
function firstOpenPort(): number {
  try {
    return Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'));
  } catch {
    return 1_024;
  }
}
