import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import which from 'which';

/** The first executable file of this name on the PATH of `env`, as an absolute path; null when there is none. */
export async function onPath(name: string, env: NodeJS.ProcessEnv = process.env): Promise<string | null> {
  // An empty entry would mean the working directory: whatever lies there is not to be started.
  const folders = (env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '');
  const found = await which(name, { path: folders.join(path.delimiter), nothrow: true });
  return found === null ? null : path.resolve(found);
}

export async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
