import { networkOf, type TcpRow, tcpRowsOf } from '../processes/sockets.ts';
import { readSocketBytes, type SocketBytes } from './socket-bytes.ts';

/** The sockets of the network that a process is in, at one look. */
export interface SocketTables {
  readonly rows: (pid: number) => Promise<SocketTable>;
  /** What passed on these ports, and maybe on others; without ports, on all. Undefined where `ss` cannot tell. */
  readonly bytes: (pid: number, ports: ReadonlySet<number>) => Promise<SocketBytes[] | undefined>;
}

export interface SocketTable {
  /** When its reading began, in ms since the epoch. */
  readonly at: number;
  readonly rows: readonly TcpRow[];
}

/**
 * For looks at several trees: at each look, the table of each network is read once, when it is first asked for. So is `ss`, whose start
 * alone takes longer than the rest of a look: it is asked for all ports that were of interest before.
 * @returns a function that begins a look
 */
export function createSocketTables(read = readSocketBytes): () => SocketTables {
  const wanted = new Map<string | undefined, Set<number>>();
  return () => {
    const rows = new Map<string | undefined, Promise<SocketTable>>();
    const asked = new Map<string | undefined, Asked[]>();
    return {
      rows(pid) {
        const network = networkOf(pid);
        const known = rows.get(network) ?? readNow(pid);
        rows.set(network, known);
        return known;
      },
      bytes(pid, ports) {
        const network = networkOf(pid);
        const before = asked.get(network) ?? [];
        asked.set(network, before);
        const answer = before.find((one) => covers(one.ports, ports));
        if (answer !== undefined) return answer.bytes;
        const all = ports.size === 0 ? ports : new Set([...(wanted.get(network) ?? []), ...ports]);
        if (ports.size > 0) wanted.set(network, new Set(all));
        const bytes = read(pid, [...all]);
        before.push({ ports: all, bytes });
        return bytes;
      },
    };
  };
}

/** No ports are all of them. */
interface Asked {
  readonly ports: ReadonlySet<number>;
  readonly bytes: Promise<SocketBytes[] | undefined>;
}

function covers(asked: ReadonlySet<number>, ports: ReadonlySet<number>): boolean {
  if (asked.size === 0) return true;
  return ports.size > 0 && [...ports].every((port) => asked.has(port));
}

async function readNow(pid: number): Promise<SocketTable> {
  const at = Date.now();
  return { at, rows: await tcpRowsOf(pid) };
}
