import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { temporaryDirectory } from '../../temporary-directory.ts';
import { withNoConfig } from '../k6/config.ts';
import { k6Environment, WITH_VARIABLES } from '../k6/environment.ts';
import type { ScriptToInspect } from '../runner.ts';
import { MAX_PARTS, PART_BYTES } from './bundle-parts.ts';
import { refuse } from './errors.ts';

const MAX_BUNDLE_BYTES = MAX_PARTS * PART_BYTES;

/**
 * The script with all that it imports and opens, as k6 packs it. The values of variables are not in it.
 * @throws ProviderError when it is larger than what squall puts into ConfigMaps; Error with k6's own message
 */
export async function bundleOf({
  k6,
  script,
  vars,
}: Pick<ScriptToInspect, 'k6' | 'script' | 'vars'>): Promise<Buffer> {
  const directory = temporaryDirectory('squall-bundle-');
  try {
    const file = path.join(directory, 'script.tar');
    const { stderr, exitCode } = await withNoConfig((config) =>
      execa(
        k6.path,
        [
          'archive',
          '--exclude-env-vars',
          WITH_VARIABLES,
          `--config=${config}`,
          `--archive-out=${file}`,
          script,
        ],
        { env: k6Environment(vars), extendEnv: false, reject: false, timeout: 60_000 },
      ),
    );
    if (exitCode !== 0)
      throw new Error(
        `k6 cannot pack ${script}: ${stderr.trim().split('\n').slice(-3).join(' ').slice(0, 600)}`,
      );
    const bundle = readFileSync(file);
    if (bundle.length > MAX_BUNDLE_BYTES)
      throw refuse(
        `${script} takes ${mib(bundle.length)} MiB with all that it imports and opens, and squall puts at most ${mib(MAX_BUNDLE_BYTES)} MiB into ConfigMaps`,
        'read large data over HTTP in setup(), put it into the image of the runners and `open` it there, or leave parts of it out',
      );
    return bundle;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function mib(bytes: number): string {
  return (bytes / 1_048_576).toFixed(1);
}
