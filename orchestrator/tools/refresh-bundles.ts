import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm, utimes } from 'node:fs/promises';
import path from 'node:path';
import { packageRoot } from '../../chaos/package-root.ts';
import type { DrillLoad } from '../../chaos/schema/drill.ts';
import { RefusalError } from '../refusal.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

/**
 * Bundles the scenarios again of which the source is there and says something else than the bundle: what runs is what was written. An
 * installed package is left as it is; nobody edits it.
 * @returns what was bundled, in words
 * @throws RefusalError when a source cannot be bundled, or the bundle cannot be replaced
 */
export async function refreshBundles(
  loads: readonly Pick<DrillLoad, 'scenario' | 'script'>[],
  cwd: string,
): Promise<string[]> {
  const byRoot = new Map<string, Set<string>>();
  for (const { scenario: name = 'requests', script } of loads) {
    const root = script === undefined ? rootOf(name, cwd) : null;
    if (root !== null) byRoot.set(root, (byRoot.get(root) ?? new Set()).add(name));
  }
  const notes: string[] = [];
  for (const [root, names] of byRoot) notes.push(...(await refresh(root, [...names])));
  return notes;
}

/** Where the source is of the bundle that would run; null: there is none, or it is installed. */
function rootOf(name: string, cwd: string): string | null {
  for (const root of new Set([cwd, packageRoot()])) {
    if (existsSync(path.join(root, 'scenarios', `${name}.ts`)))
      return /[/\\]node_modules[/\\]/.test(`${root}${path.sep}`) ? null : root;
    if (existsSync(path.join(root, 'build', `${name}.js`))) return null;
  }
  return null;
}

async function refresh(root: string, names: readonly string[]): Promise<string[]> {
  // A load that is a script of one's own needs no esbuild.
  const { buildScenarios } = await import('./build.ts');
  const fresh = temporaryDirectory('squall-bundles-');
  try {
    const built = await buildScenarios({ cwd: root, outDir: fresh, only: names });
    const notes: string[] = [];
    for (const { file } of built) {
      const bundle = path.join(root, 'build', path.relative(fresh, file));
      if (await replaced(bundle, file, root))
        notes.push(`${path.relative(root, bundle)} was older than its source, and is bundled again`);
    }
    return notes;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

async function replaced(bundle: string, fresh: string, root: string): Promise<boolean> {
  const [old, text] = [await readFile(bundle).catch(() => null), await readFile(fresh)];
  const now = new Date();
  if (old?.equals(text)) {
    // It is as new as its source, whatever its time says. Who may not set that only gets a note in `plan`.
    await utimes(bundle, now, now).catch(() => {});
    return false;
  }
  // Another drill may be reading it.
  const beside = `${bundle}.${process.pid}`;
  try {
    await mkdir(path.dirname(bundle), { recursive: true });
    await copyFile(fresh, beside);
    await rename(beside, bundle);
  } catch (cause) {
    await rm(beside, { force: true }).catch(() => {});
    throw new RefusalError(
      `${path.relative(root, bundle)} is older than its source and cannot be replaced (${(cause as NodeJS.ErrnoException).code ?? String(cause)})`,
      { cause, fix: `run \`squall build\` in ${root}, as a user who may write there` },
    );
  }
  return true;
}
