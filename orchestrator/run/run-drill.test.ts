import { EventEmitter, once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import type { Provider } from '../../chaos/provider.ts';
import { drill } from '../../chaos/schema/drill.ts';
import { environment } from '../../chaos/schema/environment.ts';
import { exitCodeOf, explain } from '../../scripts/exit.ts';
import { freePorts } from '../../test/free-port.ts';
import { eachInStateDirectory } from '../../test/state-directory.ts';
import { readJournal } from '../journal/read-journal.ts';
import { startPodsServer } from '../load/k6-operator/fixtures/pods-server.ts';
import { entryPoint } from '../package.ts';
import type { ResolvedPlan } from '../plan.types.ts';
import { listActive } from '../recovery/active-run.ts';
import { LeftBehindError } from '../recovery/left-behind-error.ts';
import { outstanding } from '../undo.ts';
import { runDrill } from './run-drill.ts';
import { STOP_SIGNALS } from './stopper.ts';
import { testbedUndoing } from './testbed.ts';

// The guardian is a process of its own: on a busy machine it takes its time.
vi.setConfig({ testTimeout: 30_000 });

const syncs = vi.hoisted(() => ({ held: 0, aside: 0 }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return {
    ...fs,
    fsyncSync(descriptor: number) {
      syncs.held += 1;
      fs.fsyncSync(descriptor);
    },
    fsync(...call: Parameters<typeof fs.fsync>) {
      syncs.aside += 1;
      fs.fsync(...call);
    },
  };
});

let directory: string;
eachInStateDirectory((made) => {
  directory = made;
});

test.each(STOP_SIGNALS)(
  '%s while the guardian is coming up ends the run before anything is touched',
  async (signal) => {
    const signals = new EventEmitter();
    const touched = vi.fn(async () => {
      throw new Error('the targets were looked up');
    });
    const running = start(signals, touched);
    expect(listActive()).toMatchObject([{ run: 'early' }]);
    signals.emit(signal, signal);
    const { verdict } = await running;
    // With what was changed on the command line: to the register it is a trial.
    expect(verdict).toMatchObject({ verdict: 'INVALID', vars: { RATE: '100' }, residue: [] });
    expect(verdict.reasons.join(' ')).toContain(`${signal} received`);
    expect(touched).not.toHaveBeenCalled();
    const { lines, damage } = readJournal(path.join(directory, 'run', 'journal.jsonl'));
    expect(damage).toBeNull();
    expect(lines.map(({ event }) => event.type)).toEqual(['run-started', 'stopped', 'run-ended']);
    expect(listActive()).toEqual([]);
    expect(signals.eventNames()).toEqual([]);
  },
);

test.each([
  ['holds another run', 'run/journal.jsonl', 'it holds another run (journal.jsonl)'],
  ['is a file', 'run', 'EEXIST'],
])('a directory that %s is refused before anything is touched, and stays as it is', async (_, file, why) => {
  const taken = path.join(directory, file);
  mkdirSync(path.dirname(taken), { recursive: true });
  writeFileSync(taken, 'as it was');
  const never = vi.fn(async (): Promise<never> => Promise.reject(new Error('not reached')));
  const error = await start(new EventEmitter(), never).catch((cause) => cause);
  expect(error.message).toContain(`${path.join(directory, 'run')} cannot be the directory of a run: ${why}`);
  expect(exitCodeOf(error)).toBe(64);
  expect(never).not.toHaveBeenCalled();
  expect(readFileSync(taken, 'utf8')).toBe('as it was');
  expect(listActive()).toEqual([]);
});

test('a testbed that neither comes up nor goes down is named with its command, and stays in the journal for recover', async () => {
  const testbed = {
    up: ['sh', '-c', 'echo half; exit 1'],
    down: ['sh', '-c', 'test -e may-go'],
    status: ['false'],
  };
  const never = async (): Promise<never> => Promise.reject(new Error('not reached'));
  const error = await start(new EventEmitter(), never, { testbed }).catch((cause) => cause);
  expect(error).toBeInstanceOf(LeftBehindError);
  expect(exitCodeOf(error)).toBe(3);
  expect(explain(error)).toMatch(
    /half.*LEFT BEHIND: take down the testbed.*\n {2}cd .* && SQUALL_RUN_DIRECTORY=.*\/run sh -c 'test -e may-go'/s,
  );
  expect(listActive()).toMatchObject([{ run: 'early' }]);
  const { lines } = readJournal(path.join(directory, 'run', 'journal.jsonl'));
  expect(outstanding(lines)).toMatchObject([{ id: 'testbed' }]);
});

test.each([
  ['is bad usage', 'echo no kubectl >&2; exit 64', /ended with 64: no kubectl/],
  ['could not be run', 'no-such-command-anywhere', /ended with 127: .*not found/],
  ['was killed', 'kill -9 $$', /did not end by itself/],
  ['is still incomplete when the patience is over', 'echo 2 of 3; exit 75', /ended with 75: 2 of 3/],
])('a testbed whose status %s is neither started nor taken down', async (_, status, why) => {
  const touched = path.join(directory, 'touched');
  const testbed = { up: ['touch', touched], down: ['touch', touched], status: ['sh', '-c', status] };
  const never = vi.fn(async (): Promise<never> => Promise.reject(new Error('not reached')));
  const error = await start(new EventEmitter(), never, { testbed }).catch((cause) => cause);
  expect(error.message).toMatch(why);
  expect(error.message).toContain(`touch ${touched}`);
  expect(exitCodeOf(error)).toBe(64);
  expect(never).not.toHaveBeenCalled();
  expect(existsSync(touched)).toBe(false);
  expect(listActive()).toEqual([]);
  expect(existsSync(path.join(directory, 'run'))).toBe(false);
});

test('a testbed that is complete after a while is used, and not taken down', async () => {
  const [touched, looked] = [path.join(directory, 'touched'), path.join(directory, 'looked')];
  const status = `test -e ${looked} && exit 0; touch ${looked}; exit 75`;
  const testbed = { up: ['touch', touched], down: ['touch', touched], status: ['sh', '-c', status] };
  const reached = async (): Promise<never> => Promise.reject(new Error('the testbed is up'));
  const running = start(new EventEmitter(), reached, { testbed }, 20_000);
  await expect(running).rejects.toThrow('the testbed is up');
  expect(existsSync(touched)).toBe(false);
});

// As of systemctl, where 3 means "not active".
test('a testbed that is not there, by whatever small code, is started, and taken down', async () => {
  const log = path.join(directory, 'log');
  const say = (word: string) => ['sh', '-c', `echo ${word} $SQUALL_RUN_DIRECTORY >>${log}`];
  const testbed = { up: say('up'), down: say('down'), status: ['sh', '-c', 'exit 3'] };
  const reached = async (): Promise<never> => Promise.reject(new Error('the testbed is up'));
  await expect(start(new EventEmitter(), reached, { testbed })).rejects.toThrow('the testbed is up');
  const run = path.join(directory, 'run');
  expect(readFileSync(log, 'utf8')).toBe(`up ${run}\ndown ${run}\n`);
});

test('a port for alerts that is taken is refused before anything is touched', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const listen = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const plan = { loads: [], objectives: [], faults: [], providers: [] } as unknown as ResolvedPlan;
  const running = start(new EventEmitter(), async () => plan, { alerts: { listen } });
  const error = await running.catch((cause) => cause).finally(() => server.close());
  expect(explain(error)).toMatch(new RegExp(`listen for alerts on ${listen}.*EADDRINUSE.*Fix: `, 's'));
  expect(exitCodeOf(error)).toBe(64);
  expect(listActive()).toEqual([]);
  expect(existsSync(path.join(directory, 'run'))).toBe(false);
});

test('runners whose image nobody has are refused before anything is touched, and nothing of the try is left', async () => {
  const kubeconfig = path.join(directory, 'kubeconfig');
  const state = { waiting: { reason: 'ErrImagePull', message: 'not found' } };
  const container = { name: 'k6', ready: false, image: '', imageID: '', restartCount: 0, state };
  const cluster = await startPodsServer(kubeconfig, { containerStatuses: [container] });
  vi.stubEnv('KUBECONFIG', kubeconfig);
  const open = vi.fn(async (): Promise<never> => Promise.reject(new Error('not reached')));
  const settings = {
    runner: 'k6-operator',
    namespace: 'load',
    image: 'grafana/k6:0.0.1',
    startWithin: 10_000,
  };
  const loads = [{ runner: 'k6-operator', settings }];
  const plan = { loads, objectives: [], faults: [], providers: [{ name: 'local', open }] };
  const running = start(new EventEmitter(), async () => plan as unknown as ResolvedPlan);
  const error = await running.catch((cause) => cause).finally(() => cluster.close());
  expect(explain(error)).toMatch(
    /the image grafana\/k6:0\.0\.1 cannot be had: .*ErrImagePull: not found.*Fix: /s,
  );
  expect(exitCodeOf(error)).toBe(64);
  expect(open).not.toHaveBeenCalled();
  expect([cluster.made.length, [...cluster.there]]).toEqual([1, []]);
  expect(listActive()).toEqual([]);
  expect(existsSync(path.join(directory, 'run'))).toBe(false);
});

test('a thousand alerts of one call are in the journal by one sync, which holds up nothing', async () => {
  const [port] = await freePorts(1);
  const listen = `127.0.0.1:${port}`;
  let before = { held: 0, aside: 0 };
  let journal: ReturnType<typeof readJournal> | undefined;
  const open = async () => {
    before = { ...syncs };
    const alert = { status: 'firing', labels: { alertname: 'Down' } };
    const body = JSON.stringify({ alerts: Array.from({ length: 1_000 }, () => alert) });
    expect((await fetch(`http://${listen}/`, { method: 'POST', body })).status).toBe(200);
    expect({ held: syncs.held - before.held, aside: syncs.aside - before.aside }).toEqual({
      held: 0,
      aside: 1,
    });
    journal = readJournal(path.join(directory, 'run', 'journal.jsonl'));
    throw new Error('seen enough');
  };
  const plan = { loads: [], objectives: [], faults: [], providers: [{ name: 'local', open }] };
  const running = start(new EventEmitter(), async () => plan as unknown as ResolvedPlan, {
    alerts: { listen },
  });
  await expect(running).rejects.toThrow('seen enough');
  expect(journal?.damages).toEqual([]);
  expect(journal?.lines.map(({ event }) => event.type)).toEqual([
    'run-started',
    ...Array.from({ length: 1_000 }, () => 'alert'),
  ]);
});

test('links are open before the testbed comes up and before targets are looked up; they are announced when it is up', async () => {
  const opened = path.join(directory, 'opened');
  const testbed = { up: ['test', '-e', opened], down: ['true'], status: ['false'] };
  const order: string[] = [];
  const provider: Provider = {
    name: 'local',
    async open() {
      writeFileSync(opened, '');
      order.push('opened');
      return {
        announce: async () => void order.push('announced'),
        prepare: async () => Promise.reject(new Error('not asked')),
        close: async () => void order.push('closed'),
      };
    },
    resolve: async () => Promise.reject(new Error('not asked')),
    undo: async () => ({ state: 'undone', detail: '' }),
  };
  const resolve = async () => {
    order.push('resolved');
    return { loads: [], faults: [], providers: [provider] } as unknown as ResolvedPlan;
  };
  await start(new EventEmitter(), resolve, { testbed }, 0, [provider]);
  expect(order).toEqual(['opened', 'resolved', 'announced', 'closed']);
});

function start(
  signals: EventEmitter,
  resolve: () => Promise<ResolvedPlan>,
  more: object = {},
  testbedPatienceMs = 0,
  openFirst: readonly Provider[] = [],
) {
  const environmentFile = path.join(directory, 'lab.yaml');
  writeFileSync(environmentFile, '');
  return runDrill({
    run: 'early',
    directory: path.join(directory, 'run'),
    drill: drill.parse({
      name: 'tiny',
      load: [{ script: 'script.js' }],
      steady: { for: '1s' },
      objectives: [{ use: 'gateway' }],
    }),
    changed: { RATE: '100' },
    environment: environment.parse({ name: 'lab', components: {}, ...more }),
    environmentFile,
    secrets: [],
    objectives: [],
    k6: { path: 'k6', version: '1.0.0', major: 1 },
    cwd: directory,
    guardianEntry: entryPoint('scripts/guardian'),
    undoing: [testbedUndoing],
    resolve,
    openFirst,
    testbedPatienceMs,
    signals: signals as unknown as Pick<NodeJS.Process, 'on' | 'off'>,
  });
}
