// What the register says of the runs that the tests have kept (test/kept-runs.ts): register-of-tests.mjs FOLDER [REGISTER]. A line for each
// promise and each part of one: how it went, and what was measured. Fails if one was neither measured nor needs an account or the gate, unless
// the tests themselves say that this machine cannot measure it. A promise that was measured and missed is no failure here.
// The tests run drills in short. What is promised for 10 min and longer is held there for 2 s and longer, and taken as measured here.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const [folder = '', register = 'thresholds/register.yaml'] = process.argv.slice(2);
const root = path.resolve(import.meta.dirname, '../..');
const allowed = /^(needs an? (AWS|Google|Grafana|Datadog|PagerDuty|Splunk) account|the gate)\b/;
/** `< 0.1% for 15min`; not the words of a promise, such as "for 15min after a recovery". */
const scaled = /([<>]=? ?[\d.]+(?:%|ms|\/s)?) for \d+min\b/g;

const lines = measure();
const open = lines.filter(({ state }) => state === 'open');
for (const { mark, name, bound, measured, reason } of lines)
  console.log(
    [mark.padEnd(4), name, `promised ${bound}`, measured, reason].filter((text) => text !== '').join(' | '),
  );
console.log(
  `\n${lines.length} promises and parts: ${count('measured')} measured, of them ${lines.filter(({ mark }) => mark === 'FAIL').length} missed; ` +
    `${count('listed')} need an account or the gate; ${count('not here')} cannot be measured on this machine; ${open.length} open`,
);
for (const { name, mark, reason } of open) console.log(`open: ${name}: ${mark} ${reason}`);
process.exitCode = open.length > 0 ? 1 : 0;

function measure() {
  if (!existsSync(folder)) return fail(`no test has kept a run in ${folder || '(no folder was named)'}`);
  const own = path.join(folder, 'register.yaml');
  writeFileSync(own, readFileSync(path.resolve(root, register), 'utf8').replaceAll(scaled, '$1 for 2s'));
  const page = `${folder}-page`;
  const args = ['register', '--runs', folder, '--register', own, '--out', page, '--json'];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(root, 'dist/scripts/squall.js'), ...args],
    { encoding: 'utf8', maxBuffer: 100_000_000 },
  );
  try {
    if (![0, 1, 2].includes(status)) return fail(`squall register exited with ${status}: ${stderr}`);
    const texts = measuredTexts(readFileSync(path.join(page, 'register.md'), 'utf8'));
    return JSON.parse(stdout).flatMap(({ id, parts, ...row }) =>
      parts.length === 0
        ? [line(id, row, texts.get(id))]
        : parts.map((part) => line(`${id}, ${part.name}`, part, texts.get(`${id}, ${part.name}`))),
    );
  } finally {
    rmSync(page, { recursive: true, force: true });
  }
}

function line(name, { bound, by, result, reason, listed }, measured = '') {
  const cannot = notHere(by);
  const state =
    result === 'PASS' || result === 'FAIL'
      ? 'measured'
      : listed && allowed.test(reason)
        ? 'listed'
        : cannot !== undefined
          ? 'not here'
          : 'open';
  const mark = result === 'NOT MEASURED' ? '–' : result;
  return { name, bound, mark, state, measured, reason: state === 'not here' ? cannot : reason };
}

/** Why this machine cannot measure it; undefined: it can by at least one of the ways. */
function notHere(by) {
  const file = path.join(folder, 'not-here.tsv');
  if (!existsSync(file)) return undefined;
  const known = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((one) => one.split('\t'));
  const reasons = by
    .split('; ')
    .map((one) => known.find(([measurement]) => one.startsWith(measurement))?.[1]);
  return reasons.includes(undefined) ? undefined : reasons[0];
}

/** What was measured, with its unit: the third cell of each line of the page's areas. */
function measuredTexts(markdown) {
  const texts = new Map();
  let promise = '';
  for (const section of markdown.split(/^## /m).slice(2))
    for (const row of section.split('\n').filter((one) => /^\| (`|·)/.test(one))) {
      const [name = '', , measured = ''] = row
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map(readable);
      const isPart = name.startsWith('· ');
      if (!isPart) promise = name;
      texts.set(isPart ? `${promise}, ${name.slice(2)}` : name, measured);
    }
  return texts;
}

function readable(cell) {
  return cell
    .trim()
    .replaceAll(
      /&(lt|gt|amp|#124|#8203);/g,
      (_, name) => ({ lt: '<', gt: '>', amp: '&', '#124': '|' })[name] ?? '',
    )
    .replaceAll(/\\(.)/g, '$1')
    .replaceAll('`', '');
}

function count(state) {
  return lines.filter((one) => one.state === state).length;
}

function fail(why) {
  console.error(why);
  process.exit(1);
}
