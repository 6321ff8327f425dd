import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { stringify } from 'yaml';
import type { JournalLine } from '../../orchestrator/journal/events.ts';
import { readJournal } from '../../orchestrator/journal/read-journal.ts';
import { outstanding } from '../../orchestrator/undo.ts';
import { survivors, until } from '../survivors.ts';
import { type CommandLineLab, LOAD_SCRIPT } from './lab.ts';

const HEALED_WITHIN_MS = 60_000;

/** A drill whose partition is in, according to the pods themselves. */
export interface CutLink {
  readonly own: { readonly XDG_STATE_HOME: string };
  /** Set in the environment of each of its processes. */
  readonly mark: string;
  readonly running: ReturnType<CommandLineLab['squall']>;
  readonly lines: () => readonly JournalLine[];
}

/** @param env for this drill only, e.g. another KUBECONFIG */
export async function cutLink(
  world: CommandLineLab,
  name: string,
  { lastsS, env = {} }: { lastsS: number; env?: Readonly<Record<string, string>> },
): Promise<CutLink> {
  expect(await world.lab.connected()).toBe(true);
  const out = path.join(world.directory, name);
  const trial = `kubernetes-${process.pid}-${name}`;
  writeFileSync(`${out}.yaml`, stringify(drill(lastsS)));
  const own = { ...env, XDG_STATE_HOME: path.join(world.directory, `state-${name}`), SQUALL_TRIAL: trial };
  const args = ['drill', `${out}.yaml`, '--env', world.environment, '--out', out, '--json'];
  const running = world.squall(args, own);
  let ended: string | null = null;
  void running.then(({ exitCode, stderr }) => {
    ended = `the drill ended (${exitCode}): ${stderr}`;
  });
  const lines = () => journalOf(out);
  await until(
    () => ended !== null || lines().some(({ event }) => event.type === 'fault-injected'),
    90_000,
    () => 'the fault is not in',
  );
  expect(ended).toBeNull();
  await until(
    async () => !(await world.lab.connected()),
    20_000,
    () => 'not cut',
  );
  expect(await world.lab.residue()).not.toEqual([]);
  return { own, mark: `SQUALL_TRIAL=${trial}`, running, lines };
}

/** Waits until the cluster and this machine are as they were before. */
export async function expectHealed({ lab }: CommandLineLab, { mark, lines }: CutLink): Promise<void> {
  await until(
    async () => (await lab.residue()).length === 0,
    HEALED_WITHIN_MS,
    () => 'faults are left',
  );
  await until(lab.connected, 20_000, () => 'the link is not back');
  await until(
    () => survivors(mark).length === 0,
    20_000,
    () => survivors(mark).join('\n'),
  );
  expect(outstanding(lines())).toEqual([]);
}

const drill = (lastsS: number) => ({
  name: 'cut',
  load: [{ script: LOAD_SCRIPT, vars: { DURATION: `${lastsS + 10}s` } }],
  steady: { for: '2s' },
  faults: [{ name: 'link-cut', kind: 'partition', component: 'studio-link', at: '4s', for: `${lastsS}s` }],
  objectives: [{ name: 'answers', throughput: true, atLeast: '1/s', phase: 'steady', minSamples: 5 }],
});

function journalOf(out: string): readonly JournalLine[] {
  try {
    return readJournal(path.join(out, 'journal.jsonl')).lines;
  } catch {
    return [];
  }
}
