import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { validateFiles } from '../../chaos/definitions/validate-files.ts';
import { loadObjectiveSet } from '../plan/objective-sets.ts';
import { RefusalError } from '../refusal.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import type { Planned } from './files/files-for.ts';

/**
 * Reads what is going to be written as a drill will read it, in a folder of its own, with a stand-in for the script: what is wrong then is
 * no one's mistake but squall's. @throws RefusalError
 */
export async function checkPlanned(
  { files, definitions }: Pick<Planned, 'files' | 'definitions'>,
  script: string | null,
  cwd: string,
): Promise<void> {
  const root = temporaryDirectory('squall-init-');
  // As deep as it is, so that a script above it has a place, too.
  const folder = path.join(root, path.resolve(cwd));
  const write = async (file: string, text: string) => {
    const at = path.resolve(folder, file);
    await mkdir(path.dirname(at), { recursive: true });
    await writeFile(at, text);
  };
  try {
    if (script !== null) await write(script, '');
    for (const { file, text } of files) await write(file, text);
    const { ok, output } = await validateFiles(definitions, folder, { load: loadObjectiveSet });
    if (ok) return;
    throw new RefusalError(
      `init: nothing was written, since it would be wrong, which is a mistake of squall itself:\n${output.replaceAll(root, '')}`,
      { fix: 'report these lines, with what you gave to squall init' },
    );
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
