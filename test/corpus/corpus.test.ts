import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { checkDrill } from '../../chaos/definitions/check/check-drill.ts';
import {
  DefinitionError,
  type DefinitionIssue,
  formatIssues,
} from '../../chaos/definitions/issues/definition-error.ts';
import { loadDrill } from '../../chaos/definitions/load-drill.ts';
import { loadEnvironment } from '../../chaos/definitions/load-environment.ts';
import { validateFiles } from '../../chaos/definitions/validate-files.ts';
import { expectations } from './expectations.ts';
import { badDrills, badEnvironments, type Row } from './table.ts';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.join(here, '..', '..');
const good = (file: string) => path.join(here, 'good', file);
const work = mkdtempSync(path.join(tmpdir(), 'squall-corpus-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const lab = loadEnvironment(good('lab.yaml'), work);
/** How long the load in the corpus is assumed to be. */
const LOAD_MS = 100_000;

async function issuesOfDrill(file: string): Promise<readonly DefinitionIssue[]> {
  return refused(async () => checkDrill(await loadDrill(file), await lab, [LOAD_MS]));
}

const issuesOfEnvironment = (file: string) => refused(async () => void (await loadEnvironment(file, work)));

async function refused(load: () => Promise<readonly DefinitionIssue[] | undefined>) {
  try {
    return (await load()) ?? [];
  } catch (error) {
    // Anything else is a defect: a stack trace is not an answer to a bad file.
    if (!(error instanceof DefinitionError)) throw error;
    return error.issues;
  }
}

/** Exactly one thing is wrong, and the message says where, what, and how to fix it. */
function expectIssue(
  issues: readonly DefinitionIssue[],
  wanted: { place: string | undefined; path: string; rule: string; more?: Row[5] },
): void {
  const first =
    wanted.more === undefined ? issues[0] : issues.find((issue) => issue.rule.includes(wanted.rule));
  if (wanted.more === undefined)
    expect(issues.map((issue) => `${issue.path}: ${issue.rule}`)).toHaveLength(1);
  expect(first?.path).toBe(wanted.path);
  expect(first?.rule).toContain(wanted.rule);
  if (wanted.place !== undefined) expect(`${first?.line}:${first?.column}`).toBe(wanted.place);
  expect(first?.fix).not.toBe('');
  const text = formatIssues(issues);
  expect(text).toContain(`:${first?.line}:${first?.column}  `);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  for (const line of text.split('\n')) expect(line.length).toBeLessThan(1_500);
}

function changed(base: string, [title, from, to]: Row): { text: string; place: string | undefined } {
  const parts = base.split(from);
  // A change that fits nowhere, or in two places, would not test what it says.
  if (parts.length !== 2) throw new Error(`${title}: "${from}" is there ${parts.length - 1} times`);
  const marked = parts.join(to);
  const before = marked.split('◆')[0] ?? '';
  const place = `${before.split('\n').length}:${before.length - before.lastIndexOf('\n')}`;
  return { text: marked.replace('◆', ''), place: to.includes('◆') ? place : undefined };
}

const drillText = readFileSync(good('drill.yaml'), 'utf8');
const labText = readFileSync(good('lab.yaml'), 'utf8');

it.each(badDrills.map((row, i) => ({ title: row[0], row, i })))(
  'refuses a drill with: $title',
  async ({ row, i }) => {
    const { text, place } = changed(drillText, row);
    const file = path.join(work, `drill-${i}.yaml`);
    writeFileSync(file, text);
    expectIssue(await issuesOfDrill(file), { place, path: row[3], rule: row[4], more: row[5] });
  },
);

it.each(badEnvironments.map((row, i) => ({ title: row[0], row, i })))(
  'refuses an environment with: $title',
  async ({ row, i }) => {
    const { text, place } = changed(labText, row);
    const file = path.join(work, `environment-${i}.yaml`);
    writeFileSync(file, text);
    expectIssue(await issuesOfEnvironment(file), { place, path: row[3], rule: row[4], more: row[5] });
  },
);

it.each(expectations)('refuses bad/$0', async (name, place, pathInFile, rule) => {
  const file = path.join(here, 'bad', name);
  const issues = name.startsWith('environment-')
    ? await issuesOfEnvironment(file)
    : await issuesOfDrill(file);
  const found = issues.map((issue) => [`${issue.line}:${issue.column}`, issue.path, issue.rule]);
  expect(found).toContainEqual([place, pathInFile, expect.stringContaining(rule)]);
});

it('there is an expectation for each file in bad/, and the corpus has the stated size', () => {
  expect(expectations.map(([name]) => name).sort()).toEqual(readdirSync(path.join(here, 'bad')).sort());
  expect(expectations.length).toBeGreaterThanOrEqual(40);
  expect(badDrills.length + badEnvironments.length + expectations.length).toBeGreaterThanOrEqual(250);
});

it('accepts the good definitions that all of these are variations of', async () => {
  expect(formatIssues(await issuesOfDrill(good('drill.yaml')))).toBe('');
  expect(formatIssues(await issuesOfEnvironment(good('lab.yaml')))).toBe('');
});

it('accepts every good example', async () => {
  const files = readdirSync(path.join(here, 'good')).filter((file) => file.endsWith('.yaml'));
  const { output, ok, json } = await validateFiles(files.map(good), root);
  expect([ok, output]).toEqual([true, expect.any(String)]);
  expect(json.files.map((file) => file.kind).sort()).toEqual([
    ...Array(files.length - 1).fill('drill'),
    'environment',
  ]);
});

it('accepts every shipped drill on the shipped local environment', async () => {
  const drills = readdirSync(path.join(root, 'chaos', 'drills')).map((file) =>
    path.join(root, 'chaos', 'drills', file),
  );
  const { output } = await validateFiles(
    [...drills, path.join(root, 'chaos', 'environments', 'local.yaml')],
    root,
  );
  expect(drills.length).toBeGreaterThanOrEqual(8);
  expect(output.split('\n')).toHaveLength(drills.length + 1);
  expect(output).not.toContain('Fix:');
});

it('refuses a path that is not a file, and a file that is missing, empty, too large, or not text', async () => {
  const put = (name: string, bytes: string | Uint8Array) => {
    const file = path.join(work, name);
    writeFileSync(file, bytes);
    return file;
  };
  const folder = path.join(work, 'a-folder.yaml');
  mkdirSync(folder);
  const cases: [file: string, place: string, rule: string][] = [
    [folder, '1:1', 'not a regular file'],
    ['/dev/zero', '1:1', 'not a regular file'],
    [path.join(work, 'nowhere.yaml'), '1:1', 'no such file'],
    [path.join(work, 'a\0b.yaml'), '1:1', 'not a regular file'],
    [path.join(work, `${'x'.repeat(300)}.yaml`), '1:1', 'too long'],
    [put('empty.yaml', ''), '1:1', 'empty'],
    [put('blank.yaml', '\n\n  \n'), '1:1', 'empty'],
    [put('comment.yaml', '# nothing\n'), '1:1', 'empty'],
    [put('large.yaml', `# ${'x'.repeat(300_000)}`), '1:1', 'too large'],
    [put('latin1.yaml', Buffer.from('name: x\ndescription: caf\xe9\n', 'latin1')), '2:17', 'not valid UTF-8'],
    [put('utf16.yaml', Buffer.from('\ufeffname: x\n', 'utf16le')), '1:1', 'not valid UTF-8'],
    [put('nul.yaml', 'name: x\ndescription: a\0b\n'), '2:15', 'U+0000'],
    [put('escape.yaml', 'name: x\n# \u001b[2J\n'), '2:3', 'U+001B'],
    [put('bidi.yaml', 'name: x # \u202e\n'), '1:11', 'U+202E'],
    [put('binary.yaml', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a])), '1:1', 'not valid UTF-8'],
  ];
  for (const [file, place, rule] of cases) expectIssue(await issuesOfDrill(file), { place, path: '', rule });
});
