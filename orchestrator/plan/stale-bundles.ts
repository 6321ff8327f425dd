import { statSync } from 'node:fs';
import path from 'node:path';
import type { PlannedLoad } from '../plan.types.ts';

/** A note for each bundle of `build/` whose scenario in `scenarios/` was written after it. A drill bundles it again; a plan reads only. */
export function staleBundles(loads: readonly Pick<PlannedLoad, 'script' | 'foreign'>[]): string[] {
  const notes = loads.flatMap(({ script, foreign }) => {
    const [, root, name] = /^(.*)[/\\]build[/\\](?:[^/\\]+[/\\])?([^/\\]+)\.js$/.exec(script) ?? [];
    if (foreign || root === undefined || name === undefined) return [];
    // Nobody edits the scenarios of an installed package, and npm does not keep the times of its files.
    if (/[/\\]node_modules[/\\]/.test(`${root}/`)) return [];
    const source = path.join(root, 'scenarios', `${name}.ts`);
    if (writtenAt(source) <= writtenAt(script)) return [];
    const [newer, older] = [source, script].map((file) => path.relative(root, file));
    return [
      `${newer} is newer than ${older}, which this plan read: a drill, or \`squall build\`, bundles it again`,
    ];
  });
  return [...new Set(notes)];
}

/** A file that is not there is older than any. */
function writtenAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
