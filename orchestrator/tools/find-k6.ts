import { readdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { isExecutable, onPath } from './on-path.ts';

/** A k6 that squall can run. `version` is without the leading v: `1.8.1`, `2.2.0-rc1`. */
export interface K6 {
  path: string;
  version: string;
  major: number;
  source: 'K6_BIN' | 'PATH' | 'cache';
  /** What was passed over on the way to this one, and why: one sentence each. */
  notes: string[];
}

/** No usable k6. `message` says what was looked at and how to get one; it may have several lines. */
export interface NoK6 {
  path: null;
  message: string;
  /** How to get k6, in several lines. */
  fix: string;
}

export interface FindK6Options {
  env?: NodeJS.ProcessEnv;
  /** The folder that holds `<version>/k6`. */
  cacheDir?: string;
  /** How long a program may take to say its version. */
  timeoutMs?: number;
}

const oldestMajor = 1;
const howToGetK6 = [
  'bash scripts/setup.sh in a checkout of squall,',
  'or a package or release (https://grafana.com/docs/k6/latest/set-up/install-k6/),',
  'or with Go: go install go.k6.io/k6@latest',
  'squall takes $K6_BIN, else k6 on the PATH, else a cached one.',
].join('\n  ');

/**
 * Finds k6: `$K6_BIN`, else the PATH, else the newest in the cache. Nothing is downloaded.
 * What `$K6_BIN` names must be usable: a choice made by hand is never passed over for another one.
 * A k6 on the PATH that is too old is passed over, with a note.
 */
export async function findK6({
  env = process.env,
  cacheDir = k6CacheDir(env),
  timeoutMs = 10_000,
}: FindK6Options = {}): Promise<K6 | NoK6> {
  const ask = { env, timeoutMs };
  if (env.K6_BIN) {
    const asked = await asK6(path.resolve(env.K6_BIN), 'K6_BIN', ask);
    return typeof asked === 'string' ? none(`$K6_BIN: ${asked}`) : asked;
  }
  const notes: string[] = [];
  const installed = await onPath('k6', env);
  if (installed !== null) {
    const found = await asK6(installed, 'PATH', ask);
    if (typeof found !== 'string') return found;
    notes.push(`k6 on the PATH: ${found}`);
  }
  for (const version of await cachedVersions(cacheDir)) {
    const found = await asK6(path.join(cacheDir, version, 'k6'), 'cache', ask);
    if (typeof found !== 'string') return { ...found, notes };
    notes.push(`cached k6: ${found}`);
  }
  return none(
    ...notes,
    installed === null ? `no k6 on the PATH and none in ${cacheDir}` : `none in ${cacheDir}`,
  );
}

/** `${XDG_CACHE_HOME:-~/.cache}/squall/k6`, where scripts/setup.sh leaves what it downloaded or built. */
export function k6CacheDir(env: NodeJS.ProcessEnv = process.env): string {
  return path.join(env.XDG_CACHE_HOME || path.join(env.HOME || os.homedir(), '.cache'), 'squall', 'k6');
}

/** The version in what `k6 version` printed; null when this is not k6's output. */
export function parseK6Version(output: string): { version: string; major: number } | null {
  // The first word is the name of the file. Own builds put a commit before Go's version and list extensions below.
  const found = /^\S+ v((\d+)\.\d+\.\d+[^\s(]*) \((?:[^)]*, ?)?go\d/m.exec(output);
  return found?.[1] && found[2] ? { version: found[1], major: Number(found[2]) } : null;
}

/** The k6 at `file`, or a sentence that says why it is not one. */
async function asK6(
  file: string,
  source: K6['source'],
  ask: Required<Omit<FindK6Options, 'cacheDir'>>,
): Promise<K6 | string> {
  if (!(await isExecutable(file))) return `${file} is not an executable file`;
  const { stdout, exitCode } = await execa(file, ['version'], {
    env: { ...ask.env, K6_AUTO_EXTENSION_RESOLUTION: 'false' },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    timeout: ask.timeoutMs,
    // A program that is not k6 may print without end, or ignore SIGTERM.
    maxBuffer: 100_000,
    forceKillAfterDelay: 1_000,
  });
  const parsed = exitCode === 0 ? parseK6Version(stdout) : null;
  if (parsed === null) return `${file} is not k6: \`${file} version\` did not print a version of k6`;
  if (parsed.major < oldestMajor)
    return `${file} is k6 ${parsed.version}, squall needs ${oldestMajor}.0 or newer`;
  return { path: file, source, notes: [], ...parsed };
}

/** Newest first. */
async function cachedVersions(cacheDir: string): Promise<string[]> {
  const names = await readdir(cacheDir).catch(() => []);
  return names
    .filter((name) => /^\d+\.\d+\.\d+/.test(name))
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
}

function none(...reasons: string[]): NoK6 {
  return { path: null, message: `no usable k6: ${reasons.join('; ')}`, fix: howToGetK6 };
}
