#!/usr/bin/env node
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError, Option } from 'commander';
import { down } from './commands/down.ts';
import { fillEvents } from './commands/fill-events.ts';
import { withLock } from './commands/lock.ts';
import { type Status, status } from './commands/status.ts';
import { type Balancer, up } from './commands/up.ts';
import { parseSettings, readRawSettings, SettingsError, writeSettings } from './lib/settings.ts';
import { type Extra, extraOptions, paths, readTestbed } from './lib/testbed.ts';

interface Options {
  readonly dir: string;
  readonly json?: boolean;
}

interface UpOptions extends Options, Partial<Record<Extra, boolean>> {
  readonly basePort: number;
  readonly set: string[];
  readonly edge?: Balancer;
  readonly warmUp: boolean;
}

const interrupted = new AbortController();
// Do not exit yet: `up` first takes down what it has started.
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => interrupted.abort(new Error(`testbed: interrupted by ${name}`)));
}

const program = new Command('testbed')
  .description('the reference system under test: start it, end it, look at it')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 64));

command('up', 'start everything and wait until it is healthy')
  .option('--base-port <port>', 'first port; 0 takes any that are free', parsePort, 9_000)
  .option('--set <name=value...>', 'a setting or a sabotage switch, see testbed/README.md', collect, [])
  .option(
    extraOptions.secondStudio,
    'with a second studio cloud, which takes over while the first is out of reach',
  )
  .option(extraOptions.objectStore, 'with an object store for the audio of beats and exports')
  .option(extraOptions.business, 'with the services for customers, their mail, and the cost of AI')
  .addOption(
    new Option('--edge <program>', 'what balances the load; HAProxy where there is one').choices([
      'haproxy',
      'node',
    ]),
  )
  .option(
    '--no-warm-up',
    'ready some seconds earlier, with code that has never run: for what measures no speed',
  )
  .action(async (options: UpOptions) => {
    const dir = path.resolve(options.dir);
    const main = fileURLToPath(import.meta.url);
    const started = performance.now();
    const { basePort, set, edge, warmUp } = options;
    const extras = (Object.keys(extraOptions) as Extra[]).filter((name) => options[name]);
    const result = await withLock(dir, () =>
      up({ dir, basePort, set, edge, warmUp, extras, main, signal: interrupted.signal }),
    );
    const seconds = ((performance.now() - started) / 1_000).toFixed(1);
    const text = `testbed: ${result.started ? 'up' : 'already up'} at ${result.status.url} (${seconds} s); environment: ${paths(dir).environment}`;
    print(options, { ...result.status, started: result.started, environment: paths(dir).environment }, text);
  });

command('down', 'end everything').action(async (options: Options) => {
  const dir = path.resolve(options.dir);
  const { stopped } = await withLock(dir, () => down(dir));
  print(options, { stopped }, `testbed: down (${stopped.length} processes ended)`);
});

/** EX_TEMPFAIL: part of it runs, so it belongs to somebody and may soon be repaired. A drill leaves it alone. */
const INCOMPLETE = 75;

command('status', 'exit with 0 only if everything is healthy, with 1 if nothing runs').action(
  async (options: Options) => {
    // A state that cannot be read does not prove that nothing is there.
    process.exitCode = INCOMPLETE;
    const found = await status(path.resolve(options.dir));
    print(options, found, describe(found));
    const isAbsent = found.parts.every(({ pid }) => pid === undefined);
    process.exitCode = found.healthy ? 0 : isAbsent ? 1 : INCOMPLETE;
  },
);

command('set', 'change settings of the running testbed')
  .argument('<name=value...>')
  .action((pairs: string[], options: Options) => {
    const dir = path.resolve(options.dir);
    if (readTestbed(dir) === undefined) throw new SettingsError(`testbed: there is no testbed in ${dir}`);
    const file = paths(dir).settings;
    const raw = parseSettings(pairs, readRawSettings(file));
    writeSettings(file, raw);
    print(options, raw, `testbed: set ${pairs.join(' ')}`);
  });

command('fill-events', 'fill the table of events up to this many rows')
  .argument('<rows>', 'such as 1000000', parseRows)
  .action(async (rows: number, options: Options) => {
    const filled = await fillEvents(path.resolve(options.dir), rows);
    print(options, filled, `testbed: ${filled.rows} events (${filled.added} added)`);
  });

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = error instanceof SettingsError ? 64 : (process.exitCode ?? 1);
}

function command(name: string, summary: string): Command {
  return program
    .command(name)
    .description(summary)
    .option('--dir <dir>', 'where the testbed keeps its state', path.join('.squall', 'testbed'))
    .option('--json', 'print JSON');
}

function print(options: Options, data: unknown, text: string): void {
  process.stdout.write(options.json ? `${JSON.stringify(data)}\n` : `${text}\n`);
}

function describe(found: Status): string {
  if (found.parts.length === 0) return `testbed: not running in ${found.dir}`;
  const lines = found.parts.map(
    ({ name, pid, problem, by }) =>
      `  ${name.padEnd(12)} ${problem ?? `ok (pid ${pid}${by === undefined ? '' : `, ${by}`})`}`,
  );
  return [`testbed: ${found.healthy ? 'healthy' : 'not healthy'} at ${found.url}`, ...lines].join('\n');
}

function parsePort(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_000)
    throw new InvalidArgumentError('a port from 0 to 65000');
  return value;
}

function parseRows(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 10_000_000)
    throw new InvalidArgumentError('a number from 1 to 10000000');
  return value;
}

function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}
