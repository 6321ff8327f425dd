import { Command } from 'commander';
import { packageVersion } from '../orchestrator/package.ts';
import { examples } from './examples.ts';

/** A command, as the list of commands shows it. Its own file says the rest and is loaded only when it is called. */
interface CommandEntry {
  readonly name: string;
  readonly arguments: string;
  readonly about: string;
  /** Resolves to what adds the command, with the same name, arguments and description, to the program. */
  load(): Promise<(root: Command) => void>;
}

/** In the order of the help. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'init',
    arguments: '[source]',
    about: 'write a first environment, load, thresholds, drill and CI workflow for your own system',
    load: async () => (await import('./commands/init.ts')).addInit,
  },
  {
    name: 'doctor',
    arguments: '',
    about: 'what is installed, what is missing, how to get it',
    load: async () => (await import('./commands/doctor.ts')).addDoctor,
  },
  {
    name: 'validate',
    arguments: '<files...>',
    about: 'check drills, environments, and the drills against the environments given with them',
    load: async () => (await import('./commands/validate.ts')).addValidate,
  },
  {
    name: 'plan',
    arguments: '<drill>',
    about: 'dry run: the exact targets and the timeline; reads only',
    load: async () => (await import('./commands/plan.ts')).addPlan,
  },
  {
    name: 'drill',
    arguments: '<drill>',
    about: 'run a drill: load, faults, proof, verdict, report',
    load: async () => (await import('./commands/drill.ts')).addDrill,
  },
  {
    name: 'report',
    arguments: '[run]',
    about: 'judge and render a recorded run again, or write the page over the runs of a directory',
    load: async () => (await import('./commands/report.ts')).addReport,
  },
  {
    name: 'samples',
    arguments: '<run>',
    about: "print a load's samples, as k6 wrote them (CSV)",
    load: async () => (await import('./commands/samples.ts')).addSamples,
  },
  {
    name: 'gate',
    arguments: '',
    about: 'does the candidate hold, and is it worse than the baseline?',
    load: async () => (await import('./commands/gate.ts')).addGate,
  },
  {
    name: 'gameday',
    arguments: '<gameday>',
    about:
      'drills one after the other, with pauses and questions for people, a scorecard and a post-mortem draft',
    load: async () => (await import('./commands/gameday.ts')).addGameday,
  },
  {
    name: 'compare',
    arguments: '<a> <b>',
    about: 'two runs beside each other: both timelines and a table of differences',
    load: async () => (await import('./commands/compare.ts')).addCompare,
  },
  {
    name: 'slo',
    arguments: '',
    about: 'objectives over weeks: error budgets, OpenSLO, Prometheus rules',
    load: async () => (await import('./commands/slo.ts')).addSlo,
  },
  {
    name: 'register',
    arguments: '',
    about: 'each promise of the systems: its bound, what measures it, and how that last went',
    load: async () => (await import('./commands/register.ts')).addRegister,
  },
  {
    name: 'stop',
    arguments: '[run]',
    about: 'the kill switch: all faults are undone, the load ends, the run is INVALID',
    load: async () => (await import('./commands/stop.ts')).addStop,
  },
  {
    name: 'recover',
    arguments: '[run]',
    about: 'undo whatever a run left behind; can be run any number of times',
    load: async () => (await import('./commands/recover.ts')).addRecover,
  },
  {
    name: 'testbed',
    arguments: '',
    about: 'start, stop or look at the target that an environment describes',
    load: async () => (await import('./commands/testbed.ts')).addTestbed,
  },
  {
    name: 'link',
    arguments: '<env>',
    about: 'keep the links of an environment open until Ctrl-C, outside drills and during them',
    load: async () => (await import('./commands/link.ts')).addLink,
  },
  {
    name: 'build',
    arguments: '',
    about: 'bundle scenarios/*.ts into build/*.js for k6',
    load: async () => (await import('./commands/build.ts')).addBuild,
  },
  {
    name: 'export',
    arguments: '<drill>',
    about: "print a drill in a provider's own format, for GitOps",
    load: async () => (await import('./commands/export.ts')).addExport,
  },
];

/**
 * The command line for these arguments (without node and the script): the command that they name is whole, the others are there for
 * the help only. So no command pays for what another one imports.
 */
export async function program(args: readonly string[]): Promise<Command> {
  const root = new Command('squall')
    .description(
      'Load, faults and proof on one timeline: does the system keep its promises while things break?',
    )
    .version(packageVersion())
    .showHelpAfterError('(squall --help shows the commands)')
    .exitOverride()
    .addHelpText('after', END_OF_HELP);
  const [first, second] = args.filter((arg) => !arg.startsWith('-'));
  const called = first === 'help' ? second : first;
  for (const { name, arguments: operands, about, load } of COMMANDS) {
    if (name === called) (await load())(root);
    else root.command(`${name} ${operands}`.trim()).description(about);
  }
  for (const command of root.commands)
    command.showHelpAfterError(`(squall ${command.name()} --help shows how)`);
  return root;
}

const END_OF_HELP = `
Exit codes:
  0   PASS
  1   FAIL: a promise was broken
  2   INVALID: the run proves nothing, and says why
  3   something was left behind; the commands that remove it are printed
  64  a mistake in a definition or in the call; nothing was touched
${examples(
  ['What is missing on this machine?', 'squall doctor'],
  [
    'A first drill, on the target of this repository.',
    'squall drill chaos/drills/gateway-kill.yaml --env local',
  ],
  ['How does one call a command?', 'squall help drill'],
)}`;
