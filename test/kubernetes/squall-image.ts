import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { ownImage } from './own-image.ts';

const root = path.resolve(import.meta.dirname, '../..');
/** Where npm puts a package that is installed globally. */
const HOME = '/usr/lib/node_modules/squall';

/**
 * Makes an image of this squall as the Dockerfile does: the files of the package, what is installed with it, node and this k6.
 * @returns its name; null where images cannot be made
 */
export async function squallImage(k6: string): Promise<string | null> {
  if (ownImage === null) return null;
  const name = 'squall/squall:local';
  const made = mkdtempSync(path.join(tmpdir(), 'squall-image-'));
  try {
    const squall = path.join(made, 'squall');
    writeFileSync(squall, `#!/bin/sh\nexec node ${HOME}/dist/scripts/squall.js "$@"\n`, { mode: 0o755 });
    const home = path.join(made, 'home');
    for (const file of packed()) {
      mkdirSync(path.dirname(path.join(home, file)), { recursive: true });
      cpSync(path.join(root, file), path.join(home, file), { recursive: true });
    }
    const copies = [`${squall}:/usr/bin/squall`, `${home}:${HOME}`, `${k6}:/usr/bin/k6`];
    await execa(ownImage, ['-s', name, process.execPath, ...copies], { stdin: 'ignore', timeout: 120_000 });
    return name;
  } finally {
    rmSync(made, { recursive: true });
  }
}

/** The package's files and folders that squall needs at run time, and esbuild. */
function packed(): string[] {
  const { files } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { files: string[] };
  const plain = files.filter((file) => !/[*!]/.test(file));
  const all = ['package.json', ...plain, 'node_modules/esbuild', 'node_modules/@esbuild'];
  return all.filter((file) => existsSync(path.join(root, file)));
}
