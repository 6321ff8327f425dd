#!/usr/bin/env node
import { CommanderError } from 'commander';
import { exitCodeOf, exitCodes, explain, explainUncaught } from './exit.ts';
import { program } from './program.ts';

// A terminal that was closed, or a pipe whose reader has gone: nobody reads, and that is no reason to end before the undo and the report.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
// What nobody caught. Node would end with 1, which is the verdict FAIL. It ends here and now all the same: what state squall is in
// nobody knows, and the guardian, which sees its end, undoes what a drill had in.
process.on('uncaughtException', (error) => {
  process.stderr.write(`${explainUncaught(error)}\n`);
  process.exit(exitCodes.INVALID);
});

try {
  await program().parseAsync(process.argv);
} catch (error) {
  // Commander has printed its own message by now.
  if (!(error instanceof CommanderError)) process.stderr.write(`${explain(error)}\n`);
  process.exitCode = exitCodeOf(error);
}
// Left to itself, Node gives signals back their deadly meaning on its way out: a late Ctrl-C would cost the exit code, which is the verdict.
process.exit();
