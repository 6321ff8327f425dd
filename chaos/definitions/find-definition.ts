import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { packageRoot } from '../package-root.ts';
import { DefinitionError, issueAtPlace } from './issues/definition-error.ts';
import { inert } from './issues/inert.ts';
import { suggestOrList } from './issues/suggest.ts';

/**
 * The file of a definition by its name (in `chaos/<folder>/` of the working directory, else of the installed package) or by its path
 * (anything with a slash, or that ends in .yaml). `what` is what messages call it.
 * @throws DefinitionError when there is none of that name
 */
export async function findDefinition(
  { folder, what, example }: { readonly folder: string; readonly what: string; readonly example: string },
  nameOrPath: string,
  cwd: string,
): Promise<string> {
  const folders = [cwd, packageRoot()].map((root) => path.join(root, 'chaos', folder));
  if (/[/\\]|\.ya?ml$/.test(nameOrPath)) {
    await refuseMisplaced(nameOrPath, { cwd, folder, what });
    return path.resolve(cwd, nameOrPath);
  }
  if (/^[\w-]{1,63}$/.test(nameOrPath)) {
    for (const one of folders) {
      const file = path.join(one, `${nameOrPath}.yaml`);
      if ((await stat(file).catch(() => undefined)) !== undefined) return file;
    }
  }
  const known = (await Promise.all(folders.map(namesIn))).flat();
  const shown = `${what} "${inert(nameOrPath, 63)}":`;
  throw new DefinitionError([
    issueAtPlace({ shown, text: '' }, { line: 0, column: 0 }, [], {
      rule: `there is no such ${what} in chaos/${folder}/`,
      fix: `give a name or a path (${example}); ${suggestOrList(nameOrPath, [...new Set(known)])}`,
    }),
  ]);
}

/** `laptop.yaml` for chaos/environments/laptop.yaml, and `team/laptop` for the one in a folder there. @throws DefinitionError */
async function refuseMisplaced(
  asked: string,
  { cwd, folder, what }: { readonly cwd: string; readonly folder: string; readonly what: string },
): Promise<void> {
  if (await isThere(path.resolve(cwd, asked))) return;
  const meant = path.join('chaos', folder, /\.ya?ml$/.test(asked) ? asked : `${asked}.yaml`);
  if (path.isAbsolute(asked) || !(await isThere(path.resolve(cwd, meant)))) return;
  const isPlain = /^[\w-]{1,63}\.yaml$/.test(asked);
  throw new DefinitionError([
    issueAtPlace({ shown: `${what} "${inert(asked, 200)}":`, text: '' }, { line: 0, column: 0 }, [], {
      rule: 'there is no such file; a path counts from the working directory',
      fix: `write ${isPlain ? `${asked.slice(0, -'.yaml'.length)}, or ` : ''}${meant}`,
    }),
  ]);
}

async function isThere(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}

async function namesIn(folder: string): Promise<string[]> {
  const files = await readdir(folder).catch(() => []);
  return files.filter((file) => file.endsWith('.yaml')).map((file) => inert(file.slice(0, -'.yaml'.length)));
}
