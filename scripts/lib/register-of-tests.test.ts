import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const REGISTER = `
systems: { shop: { title: The shop, owner: checkout } }
areas:
  speed:
    title: Speed
    system: shop
    promises:
      shop.p95: { bound: < 100ms, by: [{ scenario: front-page, objective: shop.p95 }] }
      shop.stable:
        bound: for 15min
        parts:
          errors: { bound: < 0.1% for 15min, by: [{ drill: stable, objective: shop.errors }] }
          cloud: { bound: < 1s, notMeasured: needs an AWS account }
      shop.later: { bound: < 1s, notMeasured: not built yet }
`;
const row = { measured: 0.5, samples: 9, result: 'PASS', reason: '' };
const summary = (...rows: object[]) =>
  JSON.stringify({ scenario: 'front-page', endedAt: '2026-11-30T12:00:00.000Z', rows });

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'squall-kept-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** What it says about these files, by name below the folder of kept runs. */
function ask(files: Readonly<Record<string, string>>, register = REGISTER) {
  const file = path.join(directory, 'promises.yaml');
  writeFileSync(file, register);
  for (const [name, text] of Object.entries(files)) {
    const at = path.join(directory, 'kept', name);
    mkdirSync(path.dirname(at), { recursive: true });
    writeFileSync(at, text);
  }
  const script = path.join(import.meta.dirname, 'register-of-tests.mjs');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [script, path.join(directory, 'kept'), file],
    { encoding: 'utf8' },
  );
  return { status, lines: stdout.trim().split('\n'), stderr };
}

/** Of the drill `stable`, which held for so long. */
const verdict = (lasts: string) =>
  JSON.stringify({
    schema: 1,
    run: 'a-run',
    drill: 'stable',
    verdict: 'PASS',
    endedAt: '2026-11-30T12:00:00.000Z',
    objectives: [
      { ...row, name: 'shop.errors', phase: 'steady', target: `errors < 0.1% for ${lasts}`, measured: 0 },
    ],
    faults: [],
    probes: [],
    writes: null,
  });
const good = {
  'front-page-a/summary.json': summary({ ...row, objective: 'shop.p95', target: 'p95 < 100ms' }),
};
const later = /^open: shop\.later: – not built yet$/;

test('what nobody has measured is open, and so is what is left out for another reason than an account or the gate', () => {
  const { status, lines } = ask(good);
  expect(status).toBe(1);
  expect(lines.filter((line) => line.startsWith('open: '))).toEqual([
    expect.stringMatching(/^open: shop\.stable, errors: – never measured: no run here of drill stable$/),
    expect.stringMatching(later),
  ]);
  expect(lines).toContainEqual(
    '4 promises and parts: 1 measured, of them 0 missed; 1 need an account or the gate; 0 cannot be measured on this machine; 2 open',
  );
});

test('a promise that is measured and missed is told, and no failure', () => {
  const files = {
    'front-page-a/summary.json': summary({
      ...row,
      objective: 'shop.p95',
      target: 'p95 < 100ms',
      measured: 140,
      result: 'FAIL',
    }),
    'stable-b/verdict.json': verdict('2s'),
  };
  const { status, lines } = ask(files, REGISTER.replace('not built yet', 'the gate'));
  expect(lines).toContainEqual(
    expect.stringMatching(/^FAIL \| shop\.p95 \| promised < 100ms \| 140(\.0)? ?ms/),
  );
  expect(lines).toContainEqual(
    expect.stringMatching(/^PASS \| shop\.stable, errors \| promised < 0\.1% for 2s \| 0/),
  );
  expect(status).toBe(0);
});

test('what holds for less than it has to in short is open', () => {
  const { lines } = ask({ ...good, 'stable-b/verdict.json': verdict('1s') });
  expect(lines).toContainEqual(
    expect.stringMatching(/^open: shop\.stable, errors: – .* against another bound/),
  );
});

test('what this machine cannot measure is named with the reason', () => {
  const { lines } = ask({ ...good, 'not-here.tsv': 'drill stable\tthere is no cluster\n' });
  expect(lines).toContainEqual(
    expect.stringMatching(/^– {4}\| shop\.stable, errors .* \| there is no cluster$/),
  );
  expect(lines.filter((line) => line.startsWith('open: '))).toEqual([expect.stringMatching(later)]);
});

test('tests that have kept nothing are a failure', () => {
  const { status, stderr } = ask({});
  expect(status).toBe(1);
  expect(stderr).toContain('no test has kept a run in ');
});
