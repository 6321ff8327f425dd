import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { identify, isAlive, isStopped, type ProcessIdentity } from '../../process-identity.ts';
import type { UndoRecord } from '../../provider.ts';
import { temporaryDirectory, until } from './fixtures/world.ts';
import { announcementOf } from './link/announce.ts';
import { armHealing } from './link/carried-links.ts';
import { continueRecord } from './processes/continue-record.ts';
import { treeOf } from './processes/process-tree.ts';
import { createLocalProvider } from './provider.ts';

type Data = Record<string, unknown>;
interface Scene {
  readonly record: UndoRecord;
  /** Has the undo done anything? */
  readonly isTouched: () => boolean;
}

const other = 'another boot:1';
const badIdentities: [string, (live: ProcessIdentity) => unknown][] = [
  ['no process', () => undefined],
  ['null as the process', () => null],
  ['a pid instead of a process', ({ pid }) => pid],
  ['a list instead of a process', (live) => [live]],
  ['a negative pid, which is a group', ({ pid, start }) => ({ pid: -pid, start })],
  ['pid 0, which is the own group', ({ start }) => ({ pid: 0, start })],
  ['pid -1, which is every process', ({ start }) => ({ pid: -1, start })],
  ['pid 1', () => identify(1) ?? { pid: 1, start: other }],
  ['a pid in a text', ({ pid, start }) => ({ pid: String(pid), start })],
  ['half a pid', ({ pid, start }) => ({ pid: pid + 0.5, start })],
  ['a pid that no kernel gives', ({ start }) => ({ pid: 2 ** 31, start })],
  ['a pid beyond all numbers', ({ start }) => ({ pid: 1e300, start })],
  ['no start', ({ pid }) => ({ pid })],
  ['an empty start', ({ pid }) => ({ pid, start: '' })],
  ['a number as its start', ({ pid }) => ({ pid, start: 4711 })],
  ['a start without end', ({ pid, start }) => ({ pid, start: start.repeat(10_000) })],
  ['what it lacks in its prototype', (live) => JSON.parse(`{"__proto__":${JSON.stringify(live)}}`)],
];

test.each(badIdentities)('a stop to take back with %s is refused by message', async (_, identityOf) => {
  const { scene, live } = await stopped();
  await refused(scene, { process: identityOf(live) }, 'data.process');
});

test.each<[string, Data, string]>([
  ['no label', { label: undefined }, 'data.label'],
  ['a list as its label', { label: ['x'] }, 'data.label'],
  ['a text for yes or no', { alone: 'false' }, 'data.alone'],
  ['one member instead of a list', { members: { pid: 2, start: 'x' } }, 'data.members'],
  ['a member with a negative pid', { members: [{ pid: -2, start: 'x' }] }, 'data.members.0.pid'],
  ['a session of pid 1', { sessions: [1] }, 'data.sessions.0'],
  ['a group in a text', { groups: ['2; reboot'] }, 'data.groups.0'],
  ['a group that no kernel gives', { groups: [Number.MAX_SAFE_INTEGER] }, 'data.groups.0'],
  ['more sessions than there can be', { sessions: Array(100_001).fill(2) }, 'data.sessions'],
])('a stop to take back with %s is refused by message', async (_, change, place) => {
  await refused((await stopped()).scene, change, place);
});

test('a stop of squall itself is refused: it would not be here to take it back', async () => {
  await refused((await stopped()).scene, { process: identify(process.pid) }, 'data.process: squall itself');
});

test.each(badIdentities)('burners to end with %s are refused by message', async (_, identityOf) => {
  const live = sleeper();
  await refused(burners(live), { burners: [identityOf(live)] }, 'data.burners.0');
});

test.each<[string, unknown]>([
  ['none', []],
  ['one instead of a list', { pid: 2, start: 'x' }],
  ['more than a drill can ask for', Array(101).fill({ pid: 2, start: other })],
])('burners to end that are %s are refused by message', async (_, list) => {
  await refused(burners(sleeper()), { burners: list }, 'data.burners');
});

test.each<[string, () => ProcessIdentity]>([
  ['another program', sleeper],
  ['squall itself', () => identify(process.pid) as ProcessIdentity],
])('a burner that is %s by now is not ended', async (_, strangerOf) => {
  const stranger = strangerOf();
  const outcome = await undo(burners(stranger).record);
  expect(outcome).toMatchObject({
    state: 'failed',
    detail: expect.stringContaining('is not a burner of squall'),
  });
  expect(isAlive(stranger)).toBe(true);
});

test.each(badIdentities)(
  'a link to heal whose carrier has %s is refused by message',
  async (_, identityOf) => {
    const scene = healing();
    const carrier = identityOf(scene.record.data.carrier as ProcessIdentity);
    await refused(scene, { carrier }, 'data.carrier');
  },
);

test.each<[string, Data, string]>([
  ['no key', { key: undefined }, 'data.key'],
  ['a key from the prototype', { key: 'constructor' }, 'data.key'],
  ['a number as the name of the link', { link: 7 }, 'data.link'],
])('a link to heal with %s is refused by message', async (_, change, place) => {
  await refused(healing(), change, place);
});

test.each(badIdentities)(
  'an announcement to remove whose carrier has %s is refused by message',
  async (_, identityOf) => {
    const scene = announcement();
    const carrier = identityOf(scene.record.data.carrier as ProcessIdentity);
    await refused(scene, { carrier }, 'data.carrier');
  },
);

test.each<[string, (file: string) => Data, string]>([
  ['no file', () => ({ file: undefined }), 'data.file'],
  ['a relative file', () => ({ file: 'link.address' }), 'data.file'],
  ['a file that climbs', (file) => ({ file: `${file}/../link.address` }), 'data.file'],
  ['a list of files', (file) => ({ file: [file] }), 'data.file'],
  ['no draft', () => ({ draft: undefined }), 'data.draft'],
  ['another file as its draft', (file) => ({ draft: `${file}.precious` }), 'data.draft'],
  ['the draft of another process', (file) => ({ draft: `${file}.1.draft` }), 'data.draft'],
  ['a draft with a command', (file) => ({ draft: `${file}.$(reboot).draft` }), 'data.draft'],
  ['no address', () => ({ address: undefined }), 'data.address'],
  ['an empty address, which fits every empty file', () => ({ address: '' }), 'data.address'],
  ['a secret as its address', () => ({ address: 'root:x:0:0' }), 'data.address'],
  ['an address elsewhere', () => ({ address: '192.0.2.1:80' }), 'data.address'],
  ['an address that is only nearly private', () => ({ address: '172.32.0.1:80' }), 'data.address'],
  ['a port that nobody listens on', () => ({ address: '172.17.0.1:0' }), 'data.address'],
])('an announcement to remove with %s is refused by message', async (_, changeOf, place) => {
  const scene = announcement();
  await refused(scene, changeOf(scene.record.data.file as string), place);
});

test.each<[string, unknown]>([
  ['nothing', null],
  ['a text', 'kill -9 1'],
  ['a list', [1]],
  ['empty', {}],
])('data that is %s is refused by message, whatever the undo', async (_, data) => {
  for (const { record, isTouched } of [
    (await stopped()).scene,
    burners(sleeper()),
    healing(),
    announcement(),
  ]) {
    const outcome = await undo({ ...record, data } as UndoRecord);
    expect(outcome).toMatchObject({ state: 'failed', detail: expect.stringMatching(DAMAGED) });
    expect(isTouched()).toBe(false);
  }
});

test.each(['', 'kill', 'continue; reboot', '__proto__', 'constructor', 'toString'])(
  'the undo "%s" is not known, and nothing is done',
  async (action) => {
    const { scene } = await stopped();
    expect(await undo({ ...scene.record, action })).toEqual({
      state: 'failed',
      detail: `${scene.record.describe}: the local provider does not know the undo ${action}`,
    });
    expect(scene.isTouched()).toBe(false);
  },
);

test('what another boot had under these pids is gone, and who has them now is not touched', async () => {
  const { scene, live } = await stopped();
  const others = burners(live);
  const link = healing();
  const elsewhere = { pid: live.pid, start: other };
  const carrier = { ...(link.record.data.carrier as ProcessIdentity), start: other };
  for (const [{ record, isTouched }, change] of [
    [
      scene,
      { process: elsewhere, members: [elsewhere], sessions: [live.pid], groups: [live.pid], alone: false },
    ],
    [others, { burners: [elsewhere] }],
    [link, { carrier }],
  ] as const) {
    expect(await undo(changed(record, change))).toMatchObject({ state: 'nothing-to-undo' });
    expect(isTouched()).toBe(false);
  }
});

test('a record of an older squall, which named the process alone, is followed', async () => {
  const { scene, live } = await stopped();
  const { process, label } = scene.record.data;
  expect(await undo({ ...scene.record, data: { process, label } })).toMatchObject({ state: 'undone' });
  await until(() => !isStopped(live));
});

test('what a newer squall adds to a record is left out, and the rest is followed', async () => {
  const { scene, live } = await stopped();
  expect(await undo(changed(scene.record, { namespace: 7 }))).toMatchObject({ state: 'undone' });
  await until(() => !isStopped(live));
});

const provider = createLocalProvider();
const DAMAGED = /^.+: the undo record \S+ is damaged, or of another version \(data.*\): it is not followed$/;

async function refused({ record, isTouched }: Scene, change: Data, place: string): Promise<void> {
  const outcome = await undo(changed(record, change));
  expect(outcome).toMatchObject({ state: 'failed', detail: expect.stringMatching(DAMAGED) });
  expect(outcome.detail).toContain(`(${place}`);
  expect(isTouched()).toBe(false);
}

function changed(record: UndoRecord, change: Data): UndoRecord {
  return { ...record, data: { ...record.data, ...change } };
}

function undo(record: UndoRecord) {
  return provider.undo(record, AbortSignal.timeout(10_000));
}

function sleeper(): ProcessIdentity {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return identify(child.pid ?? 0) as ProcessIdentity;
}

async function stopped(): Promise<{ scene: Scene; live: ProcessIdentity }> {
  const live = sleeper();
  process.kill(live.pid, 'SIGSTOP');
  await until(() => isStopped(live));
  const record = continueRecord({
    id: 'freeze:target',
    fault: 'freeze',
    label: 'target',
    alone: true,
    tree: treeOf(live),
  });
  return { live, scene: { record, isTouched: () => !isStopped(live) } };
}

function burners(live: ProcessIdentity): Scene {
  const record: UndoRecord = {
    id: 'stress:burners',
    provider: 'local',
    fault: 'stress',
    action: 'end-burners',
    data: { burners: [live] },
    describe: 'end 1 burner',
    command: 'true',
  };
  return { record, isTouched: () => !isAlive(live) };
}

function healing(): Scene {
  let isHealed = false;
  const heal = async () => {
    isHealed = true;
    return true;
  };
  const { record, forget } = armHealing({ fault: 'cut', link: 'target', heal });
  onTestFinished(forget);
  return { record, isTouched: () => isHealed };
}

function announcement(): Scene {
  const { directory, remove } = temporaryDirectory();
  onTestFinished(remove);
  const file = `${directory}/link.address`;
  const { record, publish } = announcementOf('target', file, '127.0.0.1:9001');
  publish();
  const there = [file, record.data.draft as string, `${file}.precious`, `${file}.1.draft`];
  for (const one of there.slice(1)) writeFileSync(one, 'draft');
  return { record, isTouched: () => !there.every((one) => existsSync(one)) };
}
