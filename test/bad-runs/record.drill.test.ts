import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Provider } from '../../chaos/provider.ts';
import { readJournal } from '../../orchestrator/journal/read-journal.ts';
import { listActive, release } from '../../orchestrator/recovery/active-run.ts';
import type { K6 } from '../../orchestrator/tools/find-k6.ts';
import type { Outcome } from '../../orchestrator/verdict.types.ts';
import { changeFaults, methodsOf, runInProcess } from '../drill/in-process.ts';
import {
  type DrillFiles,
  drillArguments,
  eventOf,
  runToEnd,
  startDrill,
  writeDrill,
} from '../drill/run-drill.ts';
import { freePorts } from '../free-port.ts';
import { anyK6 } from '../k6.ts';
import { isFrozen } from '../survivors.ts';
import { startTinyTarget, type TinyTarget } from '../tiny-target/tiny-target.ts';

/**
 * Makes the recorded bad runs of fixtures/ once more, each by a real drill with real k6 on a real server:
 * `SQUALL_RECORD=1 npx vitest run --project drills test/bad-runs`. What their reasons must say is in reasons.test.ts.
 */
const k6 = process.env.SQUALL_RECORD ? await anyK6() : null;
const fixtures = path.join(import.meta.dirname, 'fixtures');
let target: TinyTarget;

beforeEach(async () => {
  target = await startTinyTarget({ restartAfterMs: 300 });
  vi.stubEnv('XDG_STATE_HOME', path.join(target.directory, 'state'));
});
afterEach(async () => {
  for (const active of listActive()) release(active);
  vi.unstubAllEnvs();
  await target.stop();
});

const frozen = {
  name: 'server-frozen',
  kind: 'freeze',
  component: 'server',
  at: '3s',
  for: '1s',
  params: { lastHealthy: true },
};
const cut = {
  name: 'link-cut',
  kind: 'partition',
  component: 'link',
  at: '7s',
  for: '1s',
  params: { mode: 'refuse' },
};
const inPhases = (...phases: string[]) =>
  phases.map((phase) => ({ name: 'answers', throughput: true, atLeast: '5/s', phase, minSamples: 20 }));
const drill = {
  load: [{ script: 'script.js', vars: { DURATION: '12s' } }],
  faults: [frozen, cut],
  objectives: [
    { name: 'quick', percentile: 50, below: '5s', phase: 'steady', minSamples: 20 },
    ...inPhases('steady', 'recovery:server-frozen', 'recovery:link-cut'),
    { name: 'few-errors', errors: true, below: '90%', phase: 'fault:link-cut', minSamples: 20 },
  ],
  probes: [
    { name: 'back', kind: 'http', url: '', status: 200, within: '3s', after: 'server-frozen' },
    { name: 'back-again', kind: 'http', url: '', status: 200, within: '3s', after: 'link-cut' },
  ],
  writes: { lost: 0 },
};

function files(change: object = {}, environment: object = {}): DrillFiles {
  const url = `http://127.0.0.1:${target.port}/health`;
  const probes = drill.probes.map((probe) => ({ ...probe, url }));
  return writeDrill(target, { ...drill, probes, ...change }, environment, k6?.path);
}

/** Keeps what judging needs, without the paths of this machine. */
function keep(name: string, directory: string): void {
  const to = path.join(fixtures, name);
  rmSync(to, { recursive: true, force: true });
  mkdirSync(path.join(to, 'k6'), { recursive: true });
  const { lines, damage } = readJournal(path.join(directory, 'journal.jsonl'));
  expect(damage).toBeNull();
  const text = lines
    .map(({ at, event }) => JSON.stringify({ at, event }))
    .join('\n')
    .replaceAll(target.directory, '/srv/tiny')
    .replaceAll(path.dirname(directory).replace(/\.kept$/, ''), '/srv/disk');
  writeFileSync(path.join(to, 'journal.jsonl'), `${text}\n`);
  for (const file of readdirSync(path.join(directory, 'k6')))
    if (file.endsWith('.squall.gz')) cpSync(path.join(directory, 'k6', file), path.join(to, 'k6', file));
}

async function ends(name: string, made: DrillFiles, verdict: Outcome): Promise<void> {
  const outcome = await runToEnd(made);
  expect(outcome.verdict.verdict, outcome.verdict.reasons.join('\n')).toBe(verdict);
  keep(name, made.out);
}

/** Runs it in this process, with a change to what the provider does. */
async function endsInProcess(
  name: string,
  made: DrillFiles,
  verdict: Outcome,
  change: (provider: Provider) => Provider,
) {
  const result = await runInProcess(made, k6 as K6, change);
  expect(result.verdict.verdict, result.verdict.reasons.join('\n')).toBe(verdict);
  keep(name, result.directory);
  return result.verdict;
}

describe.skipIf(k6 === null)('a bad run', { timeout: 120_000 }, () => {
  test('whose steady state is never there', async () => {
    const tooFast = { name: 'quick', percentile: 95, below: '1ms', phase: 'steady', minSamples: 20 };
    const objectives = [tooFast, ...drill.objectives.slice(1)];
    await ends('steady-state-never-there', files({ objectives }), 'FAIL');
  });

  test('whose k6 is killed', async () => {
    const made = files();
    const running = startDrill(made);
    const started = await eventOf(made, 'load-started', running);
    await eventOf(made, 'steady-held', running);
    process.kill((started.event as { pid: number }).pid, 'SIGKILL');
    expect((await running).exitCode).toBe(2);
    keep('k6-killed', made.out);
  });

  test('whose load sends nothing', async () => {
    const made = files({ load: [{ script: 'script.js', vars: {} }] });
    writeFileSync(
      path.join(target.directory, 'script.js'),
      "import { sleep } from 'k6';\nexport const options = { scenarios: { all: { executor: 'constant-vus', vus: 1, duration: '12s', gracefulStop: '0s' } } };\nexport default function () { sleep(60); }\n",
    );
    await ends('no-samples', made, 'INVALID');
  });

  test('whose alerts go to a receiver that is dead', async () => {
    const [elsewhere] = await freePorts(1);
    const killed = {
      ...frozen,
      name: 'server-killed',
      kind: 'kill',
      for: undefined,
      expect: { detectWithin: '2s' },
    };
    const alerted = {
      name: 'alerted',
      kind: 'alert',
      match: { component: 'server' },
      within: '3s',
      after: 'server-killed',
    };
    const made = files(
      { faults: [killed], objectives: inPhases('steady'), probes: [alerted] },
      { alerts: { listen: `127.0.0.1:${elsewhere}` } },
    );
    await ends('alert-receiver-dead', made, 'FAIL');
  });

  test('of which one fault leaves no evidence', async () => {
    const made = files({ load: [{ script: 'script.js', vars: { DURATION: '42s', RATE: '20' } }] });
    await endsInProcess('fault-without-evidence', made, 'INVALID', (provider) =>
      changeFaults(provider, (prepared, { fault }) =>
        fault.kind === 'partition' ? { ...methodsOf(prepared), act: async () => {} } : prepared,
      ),
    );
  });

  test('that a stop condition ends', async () => {
    const made = files({
      faults: [
        {
          ...frozen,
          name: 'link-cut',
          kind: 'partition',
          component: 'link',
          for: '5s',
          params: { mode: 'refuse' },
        },
      ],
      objectives: inPhases('steady', 'recovery:link-cut'),
      probes: [],
      stop: [{ errors: true, above: '50%', for: '1s' }],
    });
    await ends('stop-condition', made, 'INVALID');
  });

  test('that Ctrl-C ends', async () => {
    const made = files({ faults: [{ ...frozen, for: '3s' }, cut] });
    const running = startDrill(made);
    await eventOf(made, 'fault-injected', running);
    running.kill('SIGINT');
    expect((await running).exitCode).toBe(2);
    keep('ctrl-c', made.out);
  });

  test('that leaves something behind', async () => {
    // Nobody answers any more: neither probes nor the look-up of writes would come to an end soon.
    const made = files({
      faults: [frozen],
      objectives: drill.objectives.slice(0, 3),
      probes: [],
      writes: undefined,
    });
    const verdict = await endsInProcess('residue', made, 'INVALID', (provider) => ({
      ...changeFaults(provider, (prepared, { fault }) =>
        fault.kind === 'freeze'
          ? { ...methodsOf(prepared), revert: () => Promise.reject(new Error('the signal was refused')) }
          : prepared,
      ),
      undo: async (record, signal) => {
        if (record.action === 'continue') throw new Error('the signal was refused');
        return provider.undo(record, signal);
      },
    }));
    expect(isFrozen(target.pid())).toBe(true);
    await execa('/bin/sh', ['-c', verdict.residue[0]?.command ?? 'false']);
  });

  test('whose disk is full', async () => {
    const whole = files();
    await runToEnd(whole);
    const pages = readdirSync(whole.out, { recursive: true, encoding: 'utf8' })
      .filter((name) => name === 'journal.jsonl' || name.startsWith('k6/'))
      .reduce((sum, name) => sum + Math.ceil(statSync(path.join(whole.out, name)).size / 4096), 0);
    const disk = mkdtempSync(path.join(os.tmpdir(), 'squall-disk-'));
    const script = `mount -t tmpfs -o size="$1"k tmpfs "$2" || exit 99; shift; at="$1"; shift; "$@"; code=$?; cp -r "$at" "$at.kept"; exit $code`;
    const made = { ...files(), out: path.join(disk, 'run') };
    const kept = `${disk}.kept`;
    try {
      const { exitCode, stderr } = await execa(
        'unshare',
        [
          '-m',
          'sh',
          '-c',
          script,
          'sh',
          String(4 * Math.floor(pages * 0.6)),
          disk,
          process.execPath,
          ...drillArguments(made),
        ],
        { env: made.env, reject: false, stdin: 'ignore', timeout: 90_000 },
      );
      expect(exitCode, stderr).toBe(2);
      expect(stderr).toMatch(/ENOSPC/);
      keep('full-disk', path.join(kept, 'run'));
      console.info(stderr);
    } finally {
      rmSync(disk, { recursive: true, force: true });
      rmSync(kept, { recursive: true, force: true });
    }
  });
});
