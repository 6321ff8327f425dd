import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { LoadExit, LoadStart } from '../runner.ts';
import { countThrown } from './thrown.ts';

const MAX_LOG_BYTES = 20_000_000;

/** What k6's exit code does not tell: iterations that threw. */
export async function readLog(
  stderr: Readable,
  file: string,
  redact: LoadStart['redact'],
): Promise<Pick<LoadExit, 'scriptErrors' | 'thrown' | 'lastError'>> {
  const thrown = countThrown();
  let lastError: string | null = null;
  await copyLines(stderr, file, redact, (line) => {
    if (!line.includes('"level":"error"')) return;
    const entry = entryIn(line);
    if (entry === null) return;
    if (isThrown(entry)) thrown.add(entry.scenario ?? '', entry.time ?? '');
    // Cut last: half of a secret is not found.
    if (entry.msg !== undefined) lastError = redact(entry.msg.trim()).slice(0, 500);
  });
  return { scriptErrors: thrown.total(), thrown: thrown.list(), lastError };
}

/** Copies lines into a file, without secrets, up to a limit; reads on after that, so that k6 never waits for a full pipe. */
export async function copyLines(
  input: Readable,
  file: string,
  redact: LoadStart['redact'],
  onLine: (line: string) => void = () => {},
): Promise<void> {
  const out = createWriteStream(file, { mode: 0o600 });
  // A log that cannot be written (a full disk) costs the log, not the run; samples and journal say so themselves.
  let broken = false;
  out.on('error', () => {
    broken = true;
  });
  let bytes = 0;
  for await (const raw of createInterface({ input })) {
    // As k6 said it: a secret called "error" must not hide what the script threw.
    onLine(raw);
    const line = redact(raw);
    bytes += line.length + 1;
    if (bytes < MAX_LOG_BYTES && !broken) out.write(`${line}\n`);
  }
  if (!broken) await new Promise<void>((resolve) => out.once('close', resolve).end());
}

/** Only `msg` is what the script says; the rest is k6's own. The scenario is missing for setup() and teardown(). */
const logEntry = z.object({
  msg: z.string().optional(),
  time: z.string().optional(),
  scenario: z.string().optional(),
  source: z.string().optional(),
  hint: z.string().optional(),
});
type LogEntry = z.infer<typeof logEntry>;

/** k6 1 says the one or the other, k6 2 both. */
function isThrown({ source, hint }: LogEntry): boolean {
  return source === 'stacktrace' || hint === 'script exception';
}

function entryIn(line: string): LogEntry | null {
  try {
    return logEntry.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}
