import { networkOf, type TcpRow, tcpRowsOf } from '../processes/sockets.ts';

/** The sockets of the network that a process is in. */
export type SocketTables = (pid: number) => Promise<SocketTable>;

export interface SocketTable {
  /** When its reading began, in ms since the epoch. */
  readonly at: number;
  readonly rows: readonly TcpRow[];
}

/** For one look at several trees: the table of each network is read once, when it is first asked for. */
export function socketTables(): SocketTables {
  const byNetwork = new Map<string | undefined, Promise<SocketTable>>();
  return (pid) => {
    const network = networkOf(pid);
    const known = byNetwork.get(network) ?? readNow(pid);
    byNetwork.set(network, known);
    return known;
  };
}

async function readNow(pid: number): Promise<SocketTable> {
  const at = Date.now();
  return { at, rows: await tcpRowsOf(pid) };
}
