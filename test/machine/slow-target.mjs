/**
 * A target that answers after some milliseconds, and that can be told to do worse. Plain JavaScript, because tests start it as a process.
 * Messages: { stall: ms } it stands still by itself, { burn: ms } it takes all processors of its machine.
 */
import { fork } from 'node:child_process';
import { createServer } from 'node:http';
import { availableParallelism } from 'node:os';

if (process.argv[2] === 'burn') burn(Number(process.argv[3]));
else serve(Number(process.argv[2] ?? 0));

function serve(delayMs) {
  const server = createServer((_, response) => setTimeout(() => response.end('ok'), delayMs));
  server.listen(0, '127.0.0.1', () => process.send(server.address().port));
  process.on('message', ({ stall, burn: burnMs }) => {
    // The event loop waits, and takes no processor.
    if (stall) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stall);
    if (!burnMs) return;
    for (let i = 0; i < availableParallelism() * 2; i++) {
      fork(process.argv[1], ['burn', String(burnMs)], { execArgv: [] });
    }
    burn(burnMs);
  });
  // Ends with whoever started it, however that ends.
  process.on('disconnect', () => process.exit(0));
}

function burn(ms) {
  const until = Date.now() + ms;
  while (Date.now() < until);
  if (process.argv[2] === 'burn') process.exit(0);
}
