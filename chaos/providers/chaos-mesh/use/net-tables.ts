/** What a pod's network has done so far, from its own /proc/net. */
export interface NetCounters {
  /** Received by all interfaces but the loopback. */
  readonly packets: number;
  readonly bytes: number;
  /** TCP connections that others opened to it, since its network began. */
  readonly opens: number;
  /** TCP connections that are there, or ended within the last minute: `local remote`, each as `address:port`. */
  readonly connections: ReadonlySet<string>;
  /** Those of them that are open in both directions. */
  readonly established: ReadonlySet<string>;
}

/** `/proc/net/tcp6` is not there without IPv6: then `cat` ends with an error, and has printed the rest. */
export const READ_NET = [
  'cat',
  '/proc/net/dev',
  '/proc/net/snmp',
  '/proc/net/tcp',
  '/proc/net/tcp6',
] as const;

/** Enough to tell whether two pods are connected; more are not kept. */
const MAX_CONNECTIONS = 5_000;

/** Undefined when it is not what the kernel prints. */
export function readNetTables(text: string): NetCounters | undefined {
  const lines = text.split('\n');
  const tcp = lines.filter((line) => line.startsWith('Tcp:')).map((line) => line.split(/\s+/));
  const [names = [], values = []] = tcp;
  const opens = Number(values[names.indexOf('PassiveOpens')]);
  const devices = lines.flatMap((line) => {
    const [, name, bytes, packets] = /^\s*([^\s:]+):\s*(\d+)\s+(\d+)\s/.exec(line) ?? [];
    return name === undefined || name === 'lo' || name === 'Tcp'
      ? []
      : [{ bytes: Number(bytes), packets: Number(packets) }];
  });
  if (!Number.isFinite(opens) || names.indexOf('PassiveOpens') < 0 || devices.length === 0) return undefined;
  const connections = new Set<string>();
  const established = new Set<string>();
  for (const line of lines) {
    const [, local, remote, state] =
      /^\s*\d+: ([0-9A-F]+:[0-9A-F]{4}) ([0-9A-F]+:[0-9A-F]{4}) ([0-9A-F]{2}) /.exec(line) ?? [];
    if (local === undefined || remote === undefined || state === LISTEN) continue;
    if (connections.size >= MAX_CONNECTIONS) continue;
    const connection = `${endpoint(local)} ${endpoint(remote)}`;
    connections.add(connection);
    if (state === ESTABLISHED) established.add(connection);
  }
  return {
    packets: devices.reduce((sum, { packets }) => sum + packets, 0),
    bytes: devices.reduce((sum, { bytes }) => sum + bytes, 0),
    opens,
    connections,
    established,
  };
}

const ESTABLISHED = '01';
const LISTEN = '0A';

/** IPv4 as people write it, also where it is mapped into IPv6; other IPv6 as 32 hexadecimal digits. */
function endpoint(text: string): string {
  const [address = '', port = ''] = text.split(':');
  return `${addressOf(address)}:${Number.parseInt(port, 16)}`;
}

/** The kernel prints words of 32 bits in the byte order of the machine: all that Kubernetes runs on are little-endian. */
function addressOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse());
  const isMapped = bytes.length === 16 && bytes.slice(0, 12).join('') === '00000000000000000000FFFF';
  const v4 = bytes.length === 4 ? bytes : isMapped ? bytes.slice(12) : undefined;
  return v4 === undefined
    ? bytes.join('').toLowerCase()
    : v4.map((byte) => Number.parseInt(byte, 16)).join('.');
}
