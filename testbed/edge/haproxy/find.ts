import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import type { HAProxy } from '../../lib/testbed.ts';

/** Debian puts it into /usr/sbin, which is not on the PATH of every user. */
const besidesThePath = ['/usr/sbin', '/usr/local/sbin'];
/** Older ones know neither `http-error` nor idle connections that are shared by clients. */
const oldest = [2, 4] as const;

/** The first usable HAProxy on the PATH or in the folders for servers; undefined when there is none. */
export function findHAProxy(searchPath = process.env.PATH ?? ''): HAProxy | undefined {
  for (const folder of [...searchPath.split(path.delimiter), ...besidesThePath]) {
    const file = path.join(folder, 'haproxy');
    if (!path.isAbsolute(file) || !isExecutable(file)) continue;
    const found = ask(file);
    if (found !== undefined) return found;
  }
  return undefined;
}

function ask(file: string): HAProxy | undefined {
  const { status, stdout } = spawnSync(file, ['-vv'], { encoding: 'utf8', timeout: 5_000 });
  return status === 0 ? parseBuild(file, stdout) : undefined;
}

/** What `haproxy -vv` says of itself; undefined when it is too old, or something else. */
export function parseBuild(file: string, text: string): HAProxy | undefined {
  const [, version = '', major, minor] = /^HA-?Proxy version ((\d+)\.(\d+)(?:[.-][\w.]+)*)/m.exec(text) ?? [];
  const [wantedMajor, wantedMinor] = oldest;
  const isUsable =
    Number(major) > wantedMajor || (Number(major) === wantedMajor && Number(minor) >= wantedMinor);
  return isUsable
    ? {
        path: file,
        version,
        exporter: /^Feature list.*\+PROMEX\b|^Built with the Prometheus exporter/m.test(text),
      }
    : undefined;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
