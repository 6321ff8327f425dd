import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';

/**
 * Is the other end of this connection over 127.0.0.1 a process of this user? All users of a machine share its loopback, and the page has
 * the stop button. Root may, and so may the user who called sudo.
 */
export async function isOwnPeer(socket: Pick<Socket, 'remotePort' | 'localPort'>): Promise<boolean> {
  const { remotePort, localPort } = socket;
  if (remotePort === undefined || localPort === undefined) return false;
  for (let look = 0; look < LOOKS; look++) {
    const table = await readFile('/proc/net/tcp', 'latin1').catch(() => null);
    // Not Linux: nothing says who it is.
    if (table === null) return true;
    const uid = uidIn(table, remotePort, localPort);
    if (uid !== null) return isOwn(uid);
  }
  return false;
}

/** A table that changes while it is read may leave out a line. */
const LOOKS = 3;

/** The owner of the connection from `from` to `to`, in the text of /proc/net/tcp; null when it is not there. */
export function uidIn(table: string, from: number, to: number): number | null {
  // sl, local address, remote address, st, tx:rx queues, tr:when, retrnsmt, uid
  const line = new RegExp(`:${hex(from)} [0-9A-F]{8}:${hex(to)} \\S+ \\S+ \\S+ \\S+ +(\\d+) `).exec(table);
  return line === null ? null : Number(line[1]);
}

function hex(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}

function isOwn(uid: number): boolean {
  return uid === process.getuid?.() || uid === 0 || String(uid) === process.env.SUDO_UID;
}
