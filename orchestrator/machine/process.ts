// The process that watches the machine: one line a second goes out, lines with the pids of the load come in. It ends when its input ends,
// so when whoever started it is gone, whatever ended that.
import { createInterface } from 'node:readline';
import { toWatch } from './messages.ts';
import { startWitness } from './witness.ts';

// A closing terminal, or Ctrl-C to the group, ends the run, which ends this.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
// Nobody reads any more.
process.stdout.on('error', () => process.exit());

const witness = startWitness((second) => process.stdout.write(`${JSON.stringify(second)}\n`));
const input = createInterface({ input: process.stdin });
input.on('line', (line) => witness.watch(toWatch.parse(JSON.parse(line))));
input.on('close', () => {
  witness.close();
  process.exit();
});
