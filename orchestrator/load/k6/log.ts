import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { LoadExit, LoadStart } from '../runner.ts';
import { countThrown } from './thrown.ts';

const MAX_LOG_BYTES = 20_000_000;

/** Counts the iterations that threw, which do not change k6's exit code, and keeps what k6 says of itself and of requests. */
export async function readLog(
  stderr: Readable,
  file: string,
  redact: LoadStart['redact'],
): Promise<Pick<LoadExit, 'scriptErrors' | 'thrown' | 'firstThrown' | 'lastError' | 'firstFailure'>> {
  const thrown = countThrown();
  let lastError: string | null = null;
  let firstFailure: string | null = null;
  let firstThrown: string | null = null;
  await copyLines(stderr, file, redact, (line) => {
    if (firstFailure === null && line.includes('"level":"warning"')) {
      const said = entryIn(line)?.error?.trim();
      if (said) firstFailure = redact(said).slice(0, 500);
    }
    if (!line.includes('"level":"error"')) return;
    const entry = entryIn(line);
    if (entry === null) return;
    if (isThrown(entry)) {
      thrown.add(entry.scenario ?? '', entry.time ?? '');
      if (entry.scenario) firstThrown ??= redact(entry.msg?.trim() ?? '').slice(0, 500) || null;
    }
    // Cut after redaction, which would not find half a secret.
    if (entry.msg !== undefined) lastError = redact(entry.msg.trim()).slice(0, 500);
  });
  const failure = firstFailure === null ? {} : { firstFailure };
  const first = firstThrown === null ? {} : { firstThrown };
  return { scriptErrors: thrown.total(), thrown: thrown.list(), ...first, lastError, ...failure };
}

/** Copies lines into a file, redacted, up to a limit. It keeps reading after that, so that k6 never blocks on a full pipe. */
export async function copyLines(
  input: Readable,
  file: string,
  redact: LoadStart['redact'],
  onLine: (line: string) => void = () => {},
): Promise<void> {
  const out = createWriteStream(file, { mode: 0o600 });
  // A full disk costs the log, not the run: the sample stream and the journal report it themselves.
  let broken = false;
  out.on('error', () => {
    broken = true;
  });
  let bytes = 0;
  for await (const raw of createInterface({ input })) {
    // Unredacted: a secret called "error" must not hide an exception.
    onLine(raw);
    const line = redact(raw);
    bytes += line.length + 1;
    if (bytes < MAX_LOG_BYTES && !broken) out.write(`${line}\n`);
  }
  if (!broken) await new Promise<void>((resolve) => out.once('close', resolve).end());
}

/** `msg` may come from the script, the other fields come from k6. setup() and teardown() have no scenario. */
const logEntry = z.object({
  msg: z.string().optional(),
  /** Of a request that failed: why. */
  error: z.string().optional(),
  time: z.string().optional(),
  scenario: z.string().optional(),
  source: z.string().optional(),
  hint: z.string().optional(),
});
type LogEntry = z.infer<typeof logEntry>;

/** k6 1 sets one of the two fields, k6 2 sets both. */
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
