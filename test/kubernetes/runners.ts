import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { readJournal } from '../../orchestrator/journal/read-journal.ts';
import { kubectl } from './command-line.ts';
import { environment, namespace as ofTestbed } from './testbed.ts';

const namespace = `${ofTestbed}-load`;
const rbac = path.resolve(import.meta.dirname, '../../orchestrator/load/k6-operator/rbac.yaml');
export const k6Image = process.env.SQUALL_TEST_K6_IMAGE ?? 'squall/k6-v1:local';

/** The namespace of the runners, with the role that ships for the testbed's account. */
export async function makeRoomForRunners(): Promise<void> {
  await removeRoomOfRunners();
  await kubectl('default', 'create', 'namespace', namespace);
  await kubectl(namespace, 'apply', '-f', rbac);
  const account = `--serviceaccount=${ofTestbed}:squall`;
  await kubectl(namespace, 'create', 'rolebinding', 'load-of-squall', '--role=squall-load', account);
}

export async function removeRoomOfRunners(): Promise<void> {
  await kubectl('default', 'delete', 'namespace', namespace, '--ignore-not-found');
}

/** The testbed's environment, but for who makes the load. @returns its path */
export function withRunners(directory: string, parallelism: number): string {
  const file = path.join(directory, `${parallelism}-runners.yaml`);
  const known = parse(readFileSync(`chaos/environments/${environment}.yaml`, 'utf8'));
  const load = { runner: 'k6-operator', namespace, parallelism, image: k6Image };
  writeFileSync(file, stringify({ ...known, load }));
  return file;
}

/** How many began, as the journal has it. */
export function runnersThatBegan(directory: string): number {
  const { lines } = readJournal(path.join(directory, 'journal.jsonl'));
  const began = lines.flatMap(({ event }) => (event.type === 'load-runners' ? event.runners : []));
  return began.filter(({ beganAt }) => beganAt !== null).length;
}

/** What a load can leave. */
export async function leftOfRunners(): Promise<readonly string[]> {
  const kinds = 'testruns,jobs,configmaps,secrets,services,pods';
  const all = await kubectl(namespace, 'get', kinds, '-o', 'name');
  return all.split('\n').filter((name) => /\/squall-(load|image)-/.test(name));
}
