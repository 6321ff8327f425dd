#!/usr/bin/env node
// Nothing is imported up here: see load().
const { CommanderError, exitCodeOf, exitCodes, explain, explainUncaught, program } = await load();

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

/** Where a module is missing (an installation that was cut short), Node would end with 1, which is the verdict FAIL. */
async function load() {
  try {
    const [{ CommanderError }, exit, { program }] = await Promise.all([
      import('commander'),
      import('./exit.ts'),
      import('./program.ts'),
    ]);
    return { CommanderError, ...exit, program };
  } catch (error) {
    const [first] = String(error instanceof Error ? error.message : error).split('\n');
    process.stderr.write(`squall: it is not whole, install it again (npm ci): ${first}\n`);
    process.exit(2);
  }
}
