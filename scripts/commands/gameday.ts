import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import type { Loaded } from '../../chaos/definitions/issues/source.ts';
import { loadDrill } from '../../chaos/definitions/load-drill.ts';
import { loadEnvironment } from '../../chaos/definitions/load-environment.ts';
import { type LoadedGameday, loadGameday } from '../../chaos/definitions/load-gameday.ts';
import type { PartResult, RecordLine } from '../../orchestrator/gameday/events.ts';
import { gamedayMarkdown } from '../../orchestrator/gameday/markdown.ts';
import { gamedayState, partResultOf, refusedPart } from '../../orchestrator/gameday/outcome.ts';
import { type GamedayRecord, openRecord } from '../../orchestrator/gameday/record.ts';
import { runGameday, Stopped } from '../../orchestrator/gameday/run-gameday.ts';
import { planDrill } from '../../orchestrator/plan/plan-drill.ts';
import type { DrillPlan } from '../../orchestrator/plan.types.ts';
import { leftBy } from '../../orchestrator/recovery/left-by.ts';
import { RefusalError } from '../../orchestrator/refusal.ts';
import { refreshBundles } from '../../orchestrator/tools/refresh-bundles.ts';
import { examples } from '../examples.ts';
import { exitCodeForVerdict } from '../exit.ts';
import { requireK6 } from '../inputs.ts';
import { runOneDrill } from '../one-drill.ts';
import { nobody, peopleAtTerminal } from '../people.ts';
import { print } from '../print.ts';
import { newRunId } from '../run-id.ts';

interface GamedayFlags {
  readonly env: string;
  readonly yes?: boolean;
  readonly out?: string;
  readonly resume?: string;
  readonly ui?: boolean;
  readonly uiPort?: string;
}

export function addGameday(root: Command): void {
  root
    .command('gameday')
    .argument('<gameday>', 'a name in chaos/gamedays/ or a path')
    .description(
      'drills one after the other, with pauses and questions for people, a scorecard and a post-mortem draft',
    )
    .option('--env <env>', 'an environment, for parts that name none', 'local')
    .option('--yes', 'nobody is asked, and no pause is made')
    .option('--out <dir>', 'its directory (default: reports/<id>)')
    .option(
      '--resume <dir>',
      'go on with a game day that was stopped: parts that have a verdict are not run again',
    )
    .option('--ui', 'shows each drill as a page on this machine; its address is on standard error')
    .option('--ui-port <port>', 'the same, at this port')
    .addHelpText(
      'after',
      '\nExit code: of the drills the worst: 1 FAIL, 2 INVALID, also when it was stopped; 3 something was left behind, 64 refused before anything was started.\n' +
        examples(
          ['With people at this terminal.', 'squall gameday chaos/gamedays/gateway.yaml --env local'],
          ['By night, without anybody.', 'squall gameday gateway --yes --out artefacts/gameday'],
          ['After a break.', 'squall gameday gateway --resume reports/20260504-1403-gateway-9f3a'],
        ),
    )
    .action(gameday);
}

async function gameday(name: string, flags: GamedayFlags): Promise<void> {
  const cwd = process.cwd();
  if (flags.resume !== undefined && flags.out !== undefined)
    throw new RefusalError('--resume names the directory: leave --out away');
  const day = await loadGameday(name, cwd);
  const terminal = process.stdin.isTTY === true && flags.yes !== true;
  refuseWithoutPeople(day, terminal, flags);
  const k6 = await requireK6();
  const parts = await planParts(day.value, flags.env, k6, cwd);
  const id = newRunId(day.value.name);
  const directory = path.resolve(flags.resume ?? flags.out ?? path.join('reports', id));
  const resume = flags.resume !== undefined;
  const stop = stopOnSignals();
  if (!resume) mkdirSync(directory, { recursive: true });
  const record = openRecord(directory, resume, (lines) => writeMarkdown(directory, lines));
  if (resume) checkSame(record, day.value);
  record.append(resume ? { type: 'resumed' } : startedEvent(id, day.value, parts, terminal));
  process.stderr.write(`game day ${day.value.name}, into ${directory}\n`);
  await runGameday({
    ...{ name: day.value.name, before: day.value.before, after: day.value.after },
    parts: day.value.parts.map(({ pause, ...part }) => ({
      ...part,
      pauseMs: pause === 'people' ? null : pause,
    })),
    people: terminal ? peopleAtTerminal(stop) : nobody(flags.yes !== true, stop),
    done: doneIn(record.lines),
    directoryOf: (part) => freeDirectory(path.join(directory, `${part + 1}-${day.value.parts[part]?.name}`)),
    run: (part, own) => runPart(parts[part] as PlannedPart, own, k6, flags),
    stopped: () => (stop.aborted ? (stop.reason as Error).message : null),
    write: record.append,
  });
  record.close();
  const { outcome, where, residue } = gamedayState(record.lines);
  print(
    `${outcome}: game day ${day.value.name}${where === null ? '' : `, ${where}`}\n${path.join(directory, 'gameday.md')}`,
  );
  if (where !== null)
    process.stderr.write(`It can go on: squall gameday ${name} --env ${flags.env} --resume ${directory}\n`);
  process.exitCode = exitCodeForVerdict(outcome, residue);
}

/** Without a terminal nobody can say when to go on. */
function refuseWithoutPeople(
  { value }: Loaded<LoadedGameday>,
  terminal: boolean,
  { yes }: GamedayFlags,
): void {
  if (terminal || yes === true) return;
  const waiting = value.parts.filter(({ pause }) => pause === 'people').map((part) => part.name);
  if (waiting.length > 0)
    throw new RefusalError(`standard input is no terminal, and people have to begin: ${waiting.join(', ')}`, {
      fix: 'give each part a time, as in `pause: 30s`, or call it with --yes: then no pause is made',
    });
}

interface PlannedPart {
  readonly name: string;
  readonly plan: DrillPlan;
  readonly environment: { readonly name: string; readonly file: string };
  readonly approve: readonly string[];
}

/** Everything that can be wrong is found before people come together. @throws DefinitionError, RefusalError */
async function planParts(
  day: LoadedGameday,
  env: string,
  k6: Awaited<ReturnType<typeof requireK6>>,
  cwd: string,
): Promise<PlannedPart[]> {
  const planned: PlannedPart[] = [];
  for (const part of day.parts) {
    const environment = await loadEnvironment(part.env ?? env, cwd);
    const drill = await loadDrill(part.drill, part.vars);
    await refreshBundles(drill.value.load, cwd);
    const plan = await planDrill({ drill, environment, k6, cwd, env: process.env });
    planned.push({
      ...{ name: part.name, plan, approve: part.approve },
      environment: { name: environment.value.name, file: environment.file },
    });
  }
  return planned;
}

async function runPart(
  { name, plan, environment, approve }: PlannedPart,
  directory: string,
  k6: Awaited<ReturnType<typeof requireK6>>,
  page: GamedayFlags,
): Promise<PartResult> {
  try {
    const { verdict, reportProblem } = await runOneDrill({
      ...{ run: newRunId(name), directory, plan, environmentFile: environment.file, k6, approve, page },
      notes: [],
      stdout: process.stderr,
    });
    return partResultOf(verdict, directory, reportProblem);
  } catch (error) {
    const residue = leftBy(error);
    process.stderr.write(`squall: ${(error as Error).message}\n`);
    return {
      ...refusedPart((error as Error).message),
      residue: residue.map(({ what, command }) => `${what}; remove with: ${command}`),
    };
  }
}

function startedEvent(id: string, day: LoadedGameday, parts: readonly PlannedPart[], asked: boolean) {
  return {
    type: 'gameday-started',
    ...{ id, name: day.name, people: day.people, asked },
    ...(day.description === undefined ? {} : { description: day.description }),
    environment: [...new Set(parts.map(({ environment }) => environment.name))].join(', '),
    parts: day.parts.map(({ name, drill, hypothesis, brief }, index) => ({
      ...{ name, drill: path.basename(drill), hypothesis },
      environment: parts[index]?.environment.name ?? '',
      ...(brief === undefined ? {} : { brief }),
    })),
  } as const;
}

function checkSame({ lines }: GamedayRecord, day: LoadedGameday): void {
  const { started } = gamedayState(lines);
  const names = (parts: readonly { readonly name: string }[]) => parts.map((part) => part.name).join(', ');
  if (started.name !== day.name || names(started.parts) !== names(day.parts))
    throw new RefusalError(
      `that directory holds game day ${started.name} with ${names(started.parts)}; this is ${day.name} with ${names(day.parts)}`,
    );
  if (gamedayState(lines).ended)
    throw new RefusalError('that game day has ended: there is nothing to go on with');
}

/** A part without a verdict proves nothing: it is run again. */
function doneIn(lines: readonly RecordLine[]): ReadonlySet<number> {
  return new Set(
    [...gamedayState(lines).results].flatMap(([part, { verdict }]) => (verdict === 'INVALID' ? [] : [part])),
  );
}

function freeDirectory(wanted: string): string {
  let directory = wanted;
  for (let again = 2; existsSync(directory); again++) directory = `${wanted}-${again}`;
  return directory;
}

/** As the record grows, so that there is something to read wherever it stops. Its failure stops nothing. */
function writeMarkdown(directory: string, lines: readonly RecordLine[]): void {
  const file = path.join(directory, 'gameday.md');
  try {
    writeFileSync(`${file}.new`, gamedayMarkdown(lines, directory));
    renameSync(`${file}.new`, file);
  } catch (error) {
    process.stderr.write(`squall: ${file} was not written: ${(error as Error).message}\n`);
  }
}

/** A drill that is under way ends by itself at a signal; no other is begun then. */
function stopOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => controller.abort(new Stopped(`${signal} received`)));
  return controller.signal;
}
