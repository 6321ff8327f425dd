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
  if (/[/\\]|\.ya?ml$/.test(nameOrPath)) return path.resolve(cwd, nameOrPath);
  const folders = [cwd, packageRoot()].map((root) => path.join(root, 'chaos', folder));
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

async function namesIn(folder: string): Promise<string[]> {
  const files = await readdir(folder).catch(() => []);
  return files.filter((file) => file.endsWith('.yaml')).map((file) => inert(file.slice(0, -'.yaml'.length)));
}
