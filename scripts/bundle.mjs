// Bundles what a user starts, and what squall starts itself, into one file per program with shared chunks, dependencies included.
// An installation is then one package and esbuild, and a start loads a few files, not a thousand. decisions/0018-one-bundle.md.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The programs, as `entryPoint()` of orchestrator/package.ts names them. Each becomes `dist/<name>.js`. */
export const programs = [
  'scripts/squall',
  'scripts/guardian',
  'orchestrator/machine/process',
  'orchestrator/samples/record/worker',
  'chaos/providers/local/faults/stress-worker',
  'chaos/providers/local/link/thread/worker',
];

/** What runs in a browser, for inlining into pages; `browser/<name>.js` in dist/. */
const browserPrograms = {
  'report-timeline': 'orchestrator/report/browser/timeline.ts',
  'live-page': 'orchestrator/progress/page/browser/live.ts',
};

/** A program of its own for each system. */
const installed = ['esbuild'];

/** pg and redis load these only for who asks for their native or hashed forms, which squall does not. */
const unused = ['pg-native', '@node-rs/xxhash'];

/** A program for Node and its packages, in as few files as there can be. */
const forNode = {
  outbase: '.',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  external: [...installed, ...unused],
  // Names stay, and lines stay short: a stack trace then says which function it was.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 160,
  // CommonJS packages inside an ES module still call require().
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
  legalComments: 'none', // what is delivered has all of it in the file that licences() writes
  logLevel: 'warning',
};

/**
 * Bundles the sources in `root` into `outdir`.
 * @returns the packages that stay outside, which an installation needs
 * @throws when a source or a licence is missing
 */
export async function bundle(root, outdir) {
  const { metafile } = await build({
    ...forNode,
    absWorkingDir: root,
    entryPoints: programs.map((name) => `${name}.ts`),
    outdir,
    splitting: true,
    chunkNames: 'chunks/[hash]',
    metafile: true,
  });
  const pages = await build({
    absWorkingDir: root,
    entryPoints: browserPrograms,
    outdir: path.join(outdir, 'browser'),
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2020',
    charset: 'ascii',
    legalComments: 'inline',
    metafile: true,
    logLevel: 'warning',
  });
  const style = createRequire(import.meta.url).resolve('uplot/dist/uPlot.min.css');
  writeFileSync(path.join(outdir, 'browser', 'uplot.css'), readFileSync(style));
  const inputs = [...Object.keys(metafile.inputs), ...Object.keys(pages.metafile.inputs)];
  mkdirSync(outdir, { recursive: true });
  writeFileSync(path.join(outdir, 'THIRD-PARTY-LICENSES.txt'), licences(root, inputs));
  refuseNamelessImports(root, metafile);
  // What a CommonJS package requires and does not find, it does without.
  const outside = Object.values(metafile.outputs).flatMap(({ imports }) =>
    imports.filter(
      (one) =>
        one.external && one.kind !== 'require-call' && !unused.includes(one.path) && !isBuiltin(one.path),
    ),
  );
  return [...new Set(outside.map((one) => one.path))].sort();
}

/**
 * Bundles the testbed's programs, one file each: a testbed starts a dozen of them, which would read a thousand files each. No shared chunks,
 * because a program finds the others by its own place.
 */
export async function bundleTestbed(root, outdir) {
  const entryPoints = readdirSync(path.join(root, 'testbed'), { recursive: true })
    .filter((name) => path.basename(name) === 'main.ts')
    .map((name) => path.join('testbed', name));
  await build({ ...forNode, absWorkingDir: root, entryPoints, outdir });
}

/**
 * In a bundle, `import()` of a CommonJS package has no names but `default`, which shows only when it is called: `exportsOf` puts that right.
 * @throws for a source that imports one without it
 */
function refuseNamelessImports(root, { inputs }) {
  for (const [file, { imports }] of Object.entries(inputs)) {
    if (file.includes('node_modules/')) continue;
    const nameless = imports.filter(
      (one) => one.kind === 'dynamic-import' && inputs[one.path]?.format === 'cjs',
    );
    if (nameless.length === 0) continue;
    const wrapped = readFileSync(path.join(root, file), 'utf8').match(
      /exportsOf\(await import\(|\.then\(exportsOf\)/g,
    );
    if ((wrapped?.length ?? 0) < nameless.length)
      throw new Error(
        `bundle: ${file} imports a CommonJS package with import(), which has no names here: write exportsOf(await import('${nameless[0].original}')) (chaos/exports-of.ts)`,
      );
  }
}

/** The licences of everything that was bundled. @throws for a package that names none */
function licences(root, inputs) {
  const folders = new Set(
    inputs.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []),
  );
  const texts = [...folders].sort().map((folder) => {
    const at = path.join(root, folder);
    const { name, version, license, licenses, author } = JSON.parse(
      readFileSync(path.join(at, 'package.json'), 'utf8'),
    );
    const said = license?.type ?? license ?? licenses?.map(({ type }) => type).join(' OR ');
    if (!said) throw new Error(`bundle: ${name} ${version} names no licence`);
    const texts = readdirSync(at)
      .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
      .map((file) => readFileSync(path.join(at, file), 'utf8').trim());
    // Some packages name a licence and do not carry its text.
    if (texts.length === 0) texts.push(`Author: ${author?.name ?? author ?? 'see its repository'}`);
    return `${name} ${version}\nLicence: ${said}\n\n${texts.join('\n\n')}\n`;
  });
  return `squall is delivered with the code of these packages inside.\n\n${texts.join(`\n${'-'.repeat(78)}\n\n`)}`;
}

// `node scripts/bundle.mjs DIRECTORY` prints what stays outside.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
  console.log(JSON.stringify(await bundle(root, path.resolve(process.argv[2]))));
}
