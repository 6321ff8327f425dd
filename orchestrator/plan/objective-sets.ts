import { existsSync } from 'node:fs';
import path from 'node:path';
import { type BuildFailure, build } from 'esbuild';
import { z } from 'zod';
import { packageRoot } from '../../chaos/package-root.ts';
import { objective } from '../../chaos/schema/objective.ts';
import type { ObjectiveSet } from '../../thresholds/objective.ts';

/**
 * Loads the objectives that a drill names by `use: <name>`: `thresholds/<name>.ts` (or .js) of the working directory,
 * else the one that comes with squall.
 * @throws Error naming the places looked at, or the file, the entry and the rule that it breaks.
 */
export async function loadObjectiveSet(name: string, cwd: string): Promise<ObjectiveSet> {
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) {
    throw new Error(
      `thresholds: ${JSON.stringify(name)} is not a name: use lower-case letters, digits and dashes`,
    );
  }
  const candidates = [cwd, packageRoot()].flatMap((root) =>
    ['ts', 'js'].map((extension) => path.join(root, 'thresholds', `${name}.${extension}`)),
  );
  const file = candidates.find((candidate) => existsSync(candidate));
  if (!file) {
    const places = [...new Set(candidates.map((candidate) => path.dirname(candidate)))];
    throw new Error(
      `thresholds: no ${name}.ts or ${name}.js in ${places.join(' or ')}; write one, or put the objectives into the drill`,
    );
  }
  return check(file, await importDefault(file));
}

/** Node 20 cannot import TypeScript, so the file is first bundled in memory. */
async function importDefault(file: string): Promise<unknown> {
  try {
    const { outputFiles } = await build({
      entryPoints: [file],
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      logLevel: 'silent',
    });
    const code = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64');
    return ((await import(`data:text/javascript;base64,${code}`)) as { default?: unknown }).default;
  } catch (cause) {
    const error = (cause as Partial<BuildFailure>).errors?.[0];
    const place = error?.location ? `:${error.location.line}:${error.location.column + 1}` : '';
    throw new Error(`thresholds: ${file}${place}: ${error?.text ?? (cause as Error).message}`, { cause });
  }
}

const objectiveSet = z.array(objective).min(1);

function check(file: string, value: unknown): ObjectiveSet {
  if (value === undefined)
    throw new Error(`thresholds: ${file} has no default export: export default a list of objectives`);
  const parsed = objectiveSet.safeParse(value);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => describe(issue, value)).join('; ');
    throw new Error(`thresholds: ${file}: ${problems}`);
  }
  const names = parsed.data.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw new Error(`thresholds: ${file}: two objectives are called ${JSON.stringify(twice)}`);
  return parsed.data as ObjectiveSet;
}

/** Reports the problems of the closest shape: an objective with a percentile gets a message about percentiles. */
function describe(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code === 'invalid_union') {
    const closest = [...issue.errors].sort((a, b) => weight(a) - weight(b))[0];
    if (closest) {
      return closest
        .map((inner) => describe({ ...inner, path: [...issue.path, ...inner.path] }, value))
        .join('; ');
    }
  }
  const [index, ...rest] = issue.path;
  const entry = Array.isArray(value) && typeof index === 'number' ? value[index] : undefined;
  const name = typeof entry?.name === 'string' ? ` (${entry.name})` : '';
  const place = typeof index === 'number' ? `entry ${index + 1}${name}` : 'the default export';
  return `${place}${rest.length > 0 ? `, ${rest.join('.')}` : ''}: ${issue.message}`;
}

/** How far a value is from a shape: unknown keys weigh as many as they are. */
function weight(issues: readonly z.core.$ZodIssue[]): number {
  return issues.reduce(
    (sum, issue) => sum + (issue.code === 'unrecognized_keys' ? 2 * issue.keys.length : 1),
    0,
  );
}
