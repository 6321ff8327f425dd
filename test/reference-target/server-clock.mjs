/** The reference target's sense of time: acts when it is due, and notices when it was not able to. */
import { openSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';

export const now = () => performance.timeOrigin + performance.now();

/** setTimeout comes up to a millisecond or two late: sleep to shortly before, then turn round. */
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
 * Sends the alert over a connection that is there already and has carried one (`first`): what is measured is its arrival, not the
 * way to it, nor how long it takes to run code for the first time.
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
 * Draws breath every 2 ms and returns, for ever growing, the stretches of more than 4 ms in which it could not: the machine did
 * something else, or somebody froze it. With a `file`, the last breath is in it, for those who ask after its death.
 */
export function keepBreathing(file) {
  const pauses = [];
  const breath = new Float64Array(1);
  const handle = file === undefined ? null : openSync(file, 'w');
  let last = now();
  setInterval(() => {
    const time = now();
    if (time - last > 4) pauses.push({ from: last, to: time });
    last = time;
    breath[0] = time;
    if (handle !== null) writeSync(handle, breath, 0, 8, 0);
  }, 2);
  return pauses;
}
