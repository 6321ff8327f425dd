import type { WebSocket } from 'ws';
import { z } from 'zod';
import { everyNth } from '../../lib/every-nth.ts';
import type { Service } from '../../lib/service.ts';
import { type Change, createSharedSession, type SharedSession } from './session.ts';

/** The oldest goes when there are more. */
const mostSessions = 1_000;
const message = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('edit'),
    seq: z.int().min(0),
    key: z.string().min(1).max(50),
    value: z.string().max(1_000),
    base: z.int().min(0),
  }),
  z.strictObject({ type: z.literal('read') }),
]);
const joining = z.object({
  session: z.string().min(1).max(100),
  member: z.string().min(1).max(50),
  /** The newest version that the member has seen. */
  since: z.coerce.number().int().min(0).default(0),
});

interface Room {
  readonly session: SharedSession;
  readonly members: Set<WebSocket>;
}

/**
 * Shared sessions, in memory. In: `{type: "edit", seq, key, value, base}` and `{type: "read"}`. Out: `{type: "change", …}` to everybody,
 * what a member has missed first; and `{type: "state", values}`.
 */
export function serveSharedSessions({ settings }: Service) {
  const rooms = new Map<string, Room>();
  const forgets = everyNth(() => settings.read()['shared-forgets']);
  const repeats = everyNth(() => settings.read()['shared-repeats']);
  const isLate = everyNth(() => Math.max(1, settings.read()['slow-every']));

  return (socket: WebSocket, _: unknown, url: URL): void => {
    socket.on('error', () => socket.terminate());
    const asked = joining.safeParse(Object.fromEntries(url.searchParams));
    if (!asked.success) {
      socket.close(1008, 'say session and member');
      return;
    }
    const { session: id, member, since } = asked.data;
    const room = roomOf(id);
    // Sabotage: who comes back is not told what they missed, and nobody hears of the first edit that they bring.
    let ignored = settings.read()['shared-forgets-absent'] && since > 0;
    if (!ignored) for (const change of room.session.since(since)) tell(socket, change);
    room.members.add(socket);
    socket.on('close', () => room.members.delete(socket));
    socket.on('message', (data) => {
      const said = parse(String(data));
      if (said === undefined) return socket.close(1003, 'neither an edit nor a read');
      if (said.type === 'read')
        return socket.send(JSON.stringify({ type: 'state', values: room.session.state() }));
      const { type: _, ...edit } = said;
      try {
        const change = room.session.apply(member, edit);
        if (change === undefined) return;
        if (ignored) tell(socket, change);
        else pass(room, socket, change);
        ignored = false;
      } catch (error) {
        socket.close(1008, (error as Error).message);
      }
    });
  };

  function roomOf(id: string): Room {
    const known = rooms.get(id);
    if (known !== undefined) return known;
    const firstWins = () => settings.read()['shared-first-wins'];
    const room: Room = { session: createSharedSession({ firstWins }), members: new Set() };
    rooms.set(id, room);
    const [oldest] = rooms.keys();
    if (rooms.size > mostSessions && oldest !== undefined) rooms.delete(oldest);
    return room;
  }

  /** Its author always hears of it, so that it is not sent again. */
  function pass(room: Room, author: WebSocket, change: Change): void {
    const slowMs = settings.read()['shared-slow-ms'];
    const send = () => {
      tell(author, change);
      const others = [...room.members].filter((one) => one !== author);
      const times = forgets() ? 0 : repeats() ? 2 : 1;
      for (const other of others) for (let i = 0; i < times; i++) tell(other, change);
    };
    if (slowMs > 0 && isLate()) setTimeout(send, slowMs);
    else send();
  }

  function tell(socket: WebSocket, change: Change): void {
    if (socket.readyState !== socket.OPEN) return;
    const untold = settings.read()['shared-untold'] ? { overwrites: null } : {};
    socket.send(JSON.stringify({ type: 'change', ...change, ...untold }));
  }
}

function parse(text: string): z.output<typeof message> | undefined {
  try {
    return message.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
