// Which tests belong to which project, by the suffix of their files: `x.drill.test.ts` is a drill, `x.test.ts` a unit test.
// Run by itself, it fails for each file whose suffix names no project, because such a file would never run.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** By project: the suffix of its files (a unit test has none), and the least number of tests in it. */
export const projects = JSON.parse(
  readFileSync(new URL('../../test/projects.json', import.meta.url), 'utf8'),
);

/** Every test file below `root`, by project; `none` lists those that fit no project. */
export function testFiles(root) {
  const files = Object.fromEntries([...Object.keys(projects), 'none'].map((project) => [project, []]));
  for (const file of walk(root))
    files[projectOf(path.basename(file)) ?? 'none'].push(path.relative(root, file));
  return files;
}

function projectOf(name) {
  const [, ...inner] = name.replace(/\.(test|spec)\.\w+$/, '').split('.');
  if (!name.endsWith('.test.ts') || inner.length > 1) return undefined;
  return Object.keys(projects).find((project) => projects[project].suffix === (inner[0] ?? ''));
}

const skipped = new Set(['node_modules', 'dist', 'build', 'reports']);

function* walk(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('.') || skipped.has(entry.name)) continue;
    const at = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(at);
    else if (/\.(test|spec)\.\w+$/.test(entry.name)) yield at;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { none } = testFiles(process.argv[2] ?? process.cwd());
  for (const file of none)
    console.error(
      `${file} fits no test project: name it x.test.ts or one of ${Object.values(projects)
        .filter(({ suffix }) => suffix !== '')
        .map(({ suffix }) => `x.${suffix}.test.ts`)
        .join(', ')}`,
    );
  if (none.length > 0) process.exitCode = 1;
  else console.log('every test file belongs to a project');
}
