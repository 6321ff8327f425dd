import { mkdir, readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { type BuildFailure, type BuildOptions, build, type Message, type Plugin } from 'esbuild';
import { EXTENDED } from '../package.ts';
import { RefusalError } from '../refusal.ts';

export interface BuildRequest {
  /** The repository whose scenarios/*.ts are bundled. */
  readonly cwd: string;
  /** Where the bundles go. Default: `build` in `cwd`. */
  readonly outDir?: string;
  /** Only these scenarios, by name. Default: all. */
  readonly only?: readonly string[];
}

export interface Bundle {
  /** Absolute path of the bundle. */
  readonly file: string;
  readonly bytes: number;
}

/**
 * Bundles each `scenarios/*.ts` (tests and lib/ excepted) into one file that stock k6 runs, 1.8 and 2.2 alike. A scenario that
 * imports an extension (`k6/x/…`) is put into `xk6/` below the others, so that each of these can be run without a thought.
 * @throws RefusalError with `file:line:column` for each thing that keeps a scenario from being bundled.
 */
export async function buildScenarios({
  cwd,
  outDir = path.join(cwd, 'build'),
  only,
}: BuildRequest): Promise<Bundle[]> {
  const entryPoints = only?.map((name) => path.join('scenarios', `${name}.ts`)) ?? (await findScenarios(cwd));
  try {
    const { metafile } = await build({
      absWorkingDir: cwd,
      entryPoints,
      outdir: path.resolve(cwd, outDir),
      ...forK6,
      format: 'esm',
      external: ['k6', 'k6/*', 'https://*', 'http://*'],
      metafile: true,
      plugins: [once],
    });
    return await Promise.all(
      Object.entries(metafile.outputs).map(async ([file, { bytes, imports }]) => {
        const extended = imports.some((one) => one.path.startsWith('k6/x/'));
        const bundle = path.resolve(cwd, file);
        return { file: extended ? await setApart(bundle) : bundle, bytes };
      }),
    );
  } catch (cause) {
    throw new RefusalError(describeFailure(cause), { cause });
  }
}

async function setApart(bundle: string): Promise<string> {
  const apart = path.join(path.dirname(bundle), EXTENDED, path.basename(bundle));
  await mkdir(path.dirname(apart), { recursive: true });
  await rename(bundle, apart);
  return apart;
}

/**
 * A module `x.once.ts` does nothing until one of its exported functions is called: k6 runs a bundle once per virtual user,
 * and code that only makes the options should cost them nothing (0.3 to 0.8 kB for each function, each time). It becomes one
 * function with everything that it imports inside, so that it cannot import k6's modules.
 */
const once: Plugin = {
  name: 'once',
  setup({ onLoad }) {
    onLoad({ filter: /\.once\.ts$/ }, async ({ path: file }) => {
      const inner = { ...forK6, entryPoints: [file], write: false as const };
      const { metafile } = await build({ ...inner, format: 'esm', metafile: true });
      const { outputFiles } = await build({ ...inner, format: 'iife', globalName: 'module' });
      const names = Object.values(metafile.outputs).flatMap(({ exports }) => exports);
      const exported = names.map((name) => `export const ${name} = (...args) => load().${name}(...args);`);
      return {
        contents: `let loaded;\nconst load = () => (loaded ??= (() => {\n${outputFiles[0]?.text}return module;\n})());\n${exported.join('\n')}`,
        loader: 'js',
      };
    });
  },
};

const forK6 = {
  bundle: true,
  platform: 'neutral' as const,
  // What k6's own JavaScript engine lacks is lowered; it runs the rest as written.
  target: 'es2020',
  supported: { 'top-level-await': true, 'for-await': false, 'async-generator': false },
  mainFields: ['module', 'main'],
  charset: 'utf8' as const,
  legalComments: 'none' as const,
  // Readable stack traces instead of a source map: k6 resolves maps, but pays for the map in every bundle it loads.
  sourcemap: false,
  minify: false,
  treeShaking: true,
  logLevel: 'silent' as const,
} satisfies BuildOptions;

async function findScenarios(cwd: string): Promise<string[]> {
  const directory = path.join(cwd, 'scenarios');
  const entries = await readdir(directory, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') throw new RefusalError(noScenarios(directory), { cause });
    throw cause;
  });
  const files = entries
    .filter((entry) => entry.isFile() && /\.ts$/.test(entry.name) && !/\.(test|d)\.ts$/.test(entry.name))
    .map((entry) => path.join('scenarios', entry.name))
    .sort();
  if (files.length === 0) throw new RefusalError(noScenarios(directory));
  return files;
}

function noScenarios(directory: string): string {
  return `build: no scenarios in ${directory}: put a k6 script there as <name>.ts, it becomes build/<name>.js`;
}

function describeFailure(cause: unknown): string {
  const errors = (cause as Partial<BuildFailure>).errors;
  if (!errors?.length) return `build: ${(cause as Error).message}`;
  return errors.map(describeMessage).join('\n');
}

function describeMessage({ text, location, notes }: Message): string {
  const place = location ? `${location.file}:${location.line}:${location.column + 1}: ` : '';
  const module = /Could not resolve "(node:[^"]+|fs|path|os|crypto|http|net|child_process)"/.exec(text);
  const hint = module ? ' (k6 has none of Node’s modules)' : notes[0]?.text ? ` (${notes[0].text})` : '';
  return `build: ${place}${text}${hint}`;
}
