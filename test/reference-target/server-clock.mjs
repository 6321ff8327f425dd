/** The reference target's sense of time: it acts when it is due, and notices when it could not. */
import { openSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';

export const now = () => performance.timeOrigin + performance.now();

/** setTimeout is up to two milliseconds late: sleep until shortly before, then spin. */
export function at(time, act) {
  setTimeout(
    () => {
      while (now() < time);
      act();
    },
    Math.max(0, time - now() - 2),
  );
}

/**
 * Sends the alert over an open connection that has already carried one (`first`), to measure its arrival and not the time to connect
 * or to run code for the first time.
 */
export function alertAt(time, { url, first, body }, sent) {
  const { hostname, port, host } = new URL(url);
  const post = (text) =>
    `POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
  const socket = connect(Number(port), hostname)
    .on('error', () => {})
    .resume();
  if (first !== undefined) socket.write(post(first));
  at(time, () => {
    sent(now());
    socket.write(post(body));
  });
}

/**
 * Beats every 2 ms. Returns a growing list of the gaps of more than 4 ms between beats, when the machine did something else or
 * somebody froze the process. With a `file`, the time of the last beat is in it, and can be read after the process has died.
 */
export function keepHeartbeat(file) {
  const pauses = [];
  const heartbeat = new Float64Array(1);
  const handle = file === undefined ? null : openSync(file, 'w');
  let last = now();
  setInterval(() => {
    const time = now();
    if (time - last > 4) pauses.push({ from: last, to: time });
    last = time;
    heartbeat[0] = time;
    if (handle !== null) writeSync(handle, heartbeat, 0, 8, 0);
  }, 2);
  return pauses;
}
