#!/usr/bin/env node
// Nothing is imported up here: see load().
const { CommanderError, explainUncaught, program, usage, INVALID } = await load(async () => {
  const [{ CommanderError }, { exitCodes }, { explainUncaught }, { program }] = await Promise.all([
    import('commander'),
    import('./exit-codes.ts'),
    import('./uncaught.ts'),
    import('./program.ts'),
  ]);
  return { CommanderError, explainUncaught, program, ...exitCodes };
});

// If the terminal was closed, or the pipe's reader has gone, nobody reads. That is no reason to end before the undo and the report.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
// An error that nobody caught. Node would exit with 1, which is the verdict FAIL. squall still ends at once, because nobody knows
// what state it is in; the guardian notices, and undoes the drill's faults.
process.on('uncaughtException', (error) => {
  process.stderr.write(`${explainUncaught(error)}\n`);
  process.exit(INVALID);
});

const args = process.argv.slice(2);
const root = await load(() => program(args));
try {
  await root.parseAsync(args, { from: 'user' });
} catch (error) {
  // Commander has printed its own message by now.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : usage;
  else {
    const { exitCodeOf, explain } = await load(() => import('./exit.ts'));
    process.stderr.write(`${explain(error)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}
// A pipe takes 64 KiB at a time, and the rest of a long output waits for its reader: process.exit() would throw that away.
await Promise.all(
  [process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))),
);
// On its way out Node restores the default of signals, which is to die: a late Ctrl-C would cost the exit code, which is the verdict.
process.exit();

/** If a module is missing (an interrupted installation), Node would exit with 1, which is the verdict FAIL. */
async function load<T>(modules: () => Promise<T>): Promise<T> {
  try {
    return await modules();
  } catch (error) {
    const [first] = String(error instanceof Error ? error.message : error).split('\n');
    process.stderr.write(`squall: it is not whole, install it again (npm ci): ${first}\n`);
    process.exit(2);
  }
}
