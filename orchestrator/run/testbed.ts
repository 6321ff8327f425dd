import { execa } from 'execa';
import { z } from 'zod';
import type { UndoOutcome, UndoRecord } from '../../chaos/provider.ts';
import type { Environment } from '../../chaos/schema/environment.ts';
import { shellWord } from '../../chaos/shell-word.ts';
import { refusedRecord } from '../journal/shapes.ts';
import type { Undoing } from '../undo.ts';

const TESTBED_UNDO = 'squall-testbed';
const RUN_DIRECTORY = 'SQUALL_RUN_DIRECTORY';
/** The exit code of `down` when the testbed's place cannot be reached or has been replaced (EX_UNAVAILABLE). */
const UNREACHABLE = 69;
const STATUS_TIMEOUT_MS = 15_000;
const UP_TIMEOUT_MS = 180_000;
const DOWN_TIMEOUT_MS = 60_000;

type Commands = NonNullable<Environment['testbed']>;

export interface TestbedResult {
  readonly ok: boolean;
  /** null: it could not be started, or was ended by a signal or a timeout. */
  readonly exitCode: number | null;
  /** The end of what the command printed on both streams. */
  readonly output: string;
}

/**
 * Runs one of the environment's testbed commands, in the working directory.
 * @param runDirectory the run's directory: `up` may store there what `down` needs later, even after a reboot
 */
export async function testbed(
  commands: Commands,
  action: keyof Commands,
  cwd: string,
  runDirectory?: string,
): Promise<TestbedResult> {
  const [program = '', ...args] = commands[action];
  const timeout = { up: UP_TIMEOUT_MS, down: DOWN_TIMEOUT_MS, status: STATUS_TIMEOUT_MS }[action];
  const { exitCode, all, shortMessage } = await execa(program === 'node' ? process.execPath : program, args, {
    cwd,
    env: runDirectory === undefined ? {} : { [RUN_DIRECTORY]: runDirectory },
    all: true,
    reject: false,
    stdin: 'ignore',
    timeout,
    // A testbed's services outlive the command that starts them, so they must not inherit its pipes.
    detached: true,
  }).then((result) => ({
    ...result,
    shortMessage: 'shortMessage' in result ? String(result.shortMessage) : '',
  }));
  const output = `${all ?? ''}`.trim() || shortMessage;
  return { ok: exitCode === 0, exitCode: exitCode ?? null, output: output.slice(-4_000) };
}

/** Takes down the testbed that a run brought up. */
export const testbedUndoing: Undoing = {
  name: TESTBED_UNDO,
  runsCommands: true,
  async undo(record: UndoRecord): Promise<UndoOutcome> {
    const { data, error } = testbedData.safeParse(record.data);
    if (error) return refusedRecord(error);
    const { commands, cwd, runDirectory } = data;
    const { ok, exitCode, output } = await testbed(commands, 'down', cwd, runDirectory);
    if (ok) return { state: 'undone', detail: 'the testbed is down' };
    const sight = exitCode === UNREACHABLE ? ({ sight: 'out-of-reach' } as const) : {};
    return { state: 'failed', detail: output, ...sight };
  },
};

const words = z.array(z.string()).min(1);
const testbedData = z.object({
  commands: z.object({ up: words, down: words, status: words }),
  cwd: z.string().min(1),
  runDirectory: z.string().min(1),
});

export function testbedRecord(commands: Commands, cwd: string, runDirectory: string): UndoRecord {
  return {
    id: 'testbed',
    provider: TESTBED_UNDO,
    fault: 'testbed',
    action: 'down',
    data: { commands, cwd, runDirectory },
    deadlineMs: DOWN_TIMEOUT_MS,
    describe: 'take down the testbed that this run brought up',
    command: `cd ${shellWord(cwd)} && ${RUN_DIRECTORY}=${shellWord(runDirectory)} ${commandLine(commands.down)}`,
  };
}

export function commandLine(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}
