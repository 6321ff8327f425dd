import { execFile } from 'node:child_process';
import { networkOf } from '../processes/sockets.ts';

export interface SocketBytes {
  readonly localPort: number;
  readonly remotePort: number;
  /** Tells one connection from every other. */
  readonly key: string;
  /** 0 while nobody has accepted it. */
  readonly inode: number;
  /** Payload in both directions. */
  readonly bytes: number;
  /** Segments with payload: a request takes at least one, however many requests a connection carries. */
  readonly received: number;
  readonly sent: number;
}

/** The connections of the network that `pid` is in, with the bytes of each so far, from `ss`. Undefined where it is not available. */
export async function readSocketBytes(
  pid: number,
  ports: readonly number[],
): Promise<SocketBytes[] | undefined> {
  if (process.platform !== 'linux') return undefined;
  const filter = ports.length === 0 ? [] : [ports.map((port) => `sport = :${port}`).join(' or ')];
  // Of a closed connection the kernel keeps no bytes, and of a load without keep-alive there are thousands.
  const command = ['ss', '-tneiOH', 'state', 'connected', 'exclude', 'time-wait', ...filter];
  const isElsewhere = networkOf(pid) !== networkOf('self');
  const text = await run(isElsewhere ? ['nsenter', '-t', String(pid), '-n', ...command] : command);
  return text?.split('\n').flatMap((line) => parseLine(line) ?? []);
}

/** One line of `ss -tneiOH`. */
export function parseLine(line: string): SocketBytes | undefined {
  const [, , , local, remote] = line.trim().split(/\s+/);
  const portOf = (text: string | undefined) => Number(/:(\d+)$/.exec(text ?? '')?.[1] ?? Number.NaN);
  const [localPort, remotePort] = [portOf(local), portOf(remote)];
  if (Number.isNaN(localPort) || Number.isNaN(remotePort)) return undefined;
  const number = (name: string) => Number(new RegExp(`\\b${name}:(\\d+)`).exec(line)?.[1] ?? 0);
  // The handshake itself counts as one byte that was acknowledged.
  const bytes = number('bytes_received') + Math.max(0, number('bytes_acked') - 1);
  return {
    localPort,
    remotePort,
    key: `${local} ${remote} ${/\bsk:\S+/.exec(line)?.[0] ?? ''}`,
    inode: number('ino'),
    bytes,
    received: number('data_segs_in'),
    sent: number('data_segs_out'),
  };
}

function run([program = '', ...options]: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const limits = { encoding: 'utf8', timeout: 2_000, maxBuffer: 64 * 1024 * 1024 } as const;
    execFile(program, options, limits, (error, text) => resolve(error === null ? text : undefined));
  });
}
