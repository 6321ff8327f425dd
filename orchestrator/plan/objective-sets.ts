import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { z } from 'zod';
import { suggest, suggestOrList } from '../../chaos/definitions/issues/suggest.ts';
import { packageRoot } from '../../chaos/package-root.ts';
import { objective } from '../../chaos/schema/objective.ts';
import type { ObjectiveSet } from '../../thresholds/objective.ts';
import { buildMistake } from '../build-mistake.ts';

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
  return await loadObjectiveFile(file);
}

/** The objectives of one such file. @throws Error naming the file, the line, the entry and the rule that it breaks */
export async function loadObjectiveFile(file: string): Promise<ObjectiveSet> {
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
    throw new Error(`thresholds: ${buildMistake(file, cause)}`, { cause });
  }
}

const objectiveSet = z.array(objective).min(1);

function check(file: string, value: unknown): ObjectiveSet {
  if (value === undefined)
    throw new Error(`thresholds: ${file} has no default export: export default a list of objectives`);
  const parsed = objectiveSet.safeParse(value);
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap((issue) => describe(issue, value));
    const line = lineOf(readFileSync(file, 'utf8'), problems[0]);
    const place = line === undefined ? '' : `:${line}`;
    throw new Error(`thresholds: ${file}${place}: ${problems.map(({ text }) => text).join('; ')}`);
  }
  const names = parsed.data.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw new Error(`thresholds: ${file}: two objectives are called ${JSON.stringify(twice)}`);
  return parsed.data as ObjectiveSet;
}

interface Problem {
  readonly text: string;
  readonly entry: string | undefined;
  readonly key: string | undefined;
}

/** Reports the problems of the closest shape: an objective with a percentile gets a message about percentiles. */
function describe(issue: z.core.$ZodIssue, value: unknown): Problem[] {
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.map((errors) => withoutMeant(errors));
    const closest = meant.sort((a, b) => weight(a) - weight(b))[0];
    if (closest) {
      return closest.flatMap((inner) => describe({ ...inner, path: [...issue.path, ...inner.path] }, value));
    }
  }
  const [index, ...rest] = issue.path;
  const entry = Array.isArray(value) && typeof index === 'number' ? value[index] : undefined;
  const name = typeof entry?.name === 'string' ? entry.name : undefined;
  const which =
    typeof index === 'number'
      ? `entry ${index + 1}${name === undefined ? '' : ` (${name})`}`
      : 'the default export';
  const place = `${which}${rest.length > 0 ? `, ${rest.join('.')}` : ''}`;
  if (issue.code !== 'unrecognized_keys') {
    const key = rest.length > 0 ? String(rest.at(-1)) : undefined;
    return [{ text: `${place}: ${issue.message}`, entry: name, key }];
  }
  return issue.keys.map((key) => ({
    text: `${place}: unknown key ${JSON.stringify(key)}, ${suggestOrList(key, KEYS)}`,
    entry: name,
    key,
  }));
}

/** What is missing because its name is mistyped is one mistake, not two. */
function withoutMeant(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue[] {
  const meant = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => suggest(key, KEYS)) : [],
  );
  return issues.filter(
    ({ code, path }) => code === 'unrecognized_keys' || !meant.includes(String(path.at(-1))),
  );
}

const KEYS = [...new Set(objective.options.flatMap((one) => Object.keys(one.shape)))].sort();

/** Where an entry is in its file, as far as its name, and a key near it, are written there as such. */
function lineOf(text: string, problem: Problem | undefined): number | undefined {
  if (problem?.entry === undefined) return undefined;
  const lines = text.split('\n');
  const quoted = new RegExp(`\\bname['"]?\\s*:\\s*['"\`]${escaped(problem.entry)}['"\`]`);
  const at = lines.findIndex((line) => quoted.test(line));
  if (at < 0) return undefined;
  const { key } = problem;
  const named =
    key === undefined
      ? -1
      : lines.findIndex((line, i) => i >= at && new RegExp(`\\b${escaped(key)}['"]?\\s*:`).test(line));
  return (named < 0 || named > at + NEAR_LINES ? at : named) + 1;
}

/** An entry is seldom longer. */
const NEAR_LINES = 12;

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** How far a value is from a shape: unknown keys weigh as many as they are. */
function weight(issues: readonly z.core.$ZodIssue[]): number {
  return issues.reduce(
    (sum, issue) => sum + (issue.code === 'unrecognized_keys' ? 2 * issue.keys.length : 1),
    0,
  );
}
