import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

/** The kernel remembers a closed connection for 60 s. */
const REMEMBERED_MS = 70_000;

/** Local ports of the connections that this process opened for itself, and when. */
const ports = new Map<number, number>();
let watchers = 0;

/**
 * Notes which connections are squall's own (probes, looks at a link), so that they never count as use. What a link opens to its
 * upstream is not among them: `net.connect` tells, `new Socket().connect` does not, and a link uses the latter. Returns what ends it.
 */
export function watchOwnConnections(): () => void {
  watchers += 1;
  if (watchers === 1) subscribe('net.client.socket', note);
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    watchers -= 1;
    if (watchers === 0) unsubscribe('net.client.socket', note);
  };
}

/** Is this the port of a connection of squall's own, now or a moment ago? */
export function isOwnPort(port: number | undefined): boolean {
  const notedAt = port === undefined ? undefined : ports.get(port);
  return notedAt !== undefined && Date.now() - notedAt < REMEMBERED_MS;
}

/** Also for a connection that a link passed on for a probe of squall's own. */
export function noteOwnPort(port: number): void {
  const now = Date.now();
  for (const [old, at] of ports) {
    if (now - at < REMEMBERED_MS) break; // In the order in which they were noted.
    ports.delete(old);
  }
  ports.delete(port);
  ports.set(port, now);
}

/** For whoever carries a link for this process: the latest ports of its own connections. */
export function recentOwnPorts(): number[] {
  return [...ports.keys()].slice(-RECENT);
}

const RECENT = 50;

function note(message: unknown): void {
  const { socket } = message as { socket: Socket };
  const learn = () => void (socket.localPort !== undefined && noteOwnPort(socket.localPort));
  socket.once('connect', learn);
  // A connection may stay open for the whole run; its port is remembered from its end on.
  socket.once('close', learn);
}

/** How many sessions squall has begun with each PostgreSQL server, by its URL. */
const sessions = new Map<string, number>();

export function noteOwnSession(url: string): void {
  sessions.set(url, ownSessions(url) + 1);
}

export function ownSessions(url: string): number {
  return sessions.get(url) ?? 0;
}
