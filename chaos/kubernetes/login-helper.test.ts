import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { survivors } from '../../test/survivors.ts';
import { openConnection } from './connection.ts';
import { type CoreCalls, coreCalls } from './core-calls.ts';
import { type RecordingServer, startRecordingServer } from './fixtures/recording-server.ts';

let server: RecordingServer;
let stop: AbortController;
beforeEach(async () => {
  server = await startRecordingServer();
  stop = new AbortController();
});
afterEach(async () => {
  vi.useRealTimers();
  writeFileSync(file('released'), '');
  // Nothing outlives its test: helpers that were given up end by themselves once they are released.
  await eventually(() => helpers().length === 0);
  await server.close();
});

const file = (name: string) => join(server.directory, name);
const lines = (name: string) =>
  existsSync(file(name)) ? readFileSync(file(name), 'utf8').split('\n').length - 1 : 0;
/** Processes of this test's helpers. */
const helpers = () => survivors(`HERE=${server.directory}`);

/** Waits in real time, also while setTimeout is held. */
async function eventually(condition: () => boolean): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      if (!condition()) return;
      clearInterval(timer);
      resolve();
    }, 15);
  });
}

/** A cluster whose login helper is this shell script. It notes its start; $HERE is the test's own directory. */
async function withHelper(script: string, more: Record<string, unknown> = {}): Promise<CoreCalls> {
  const env = [{ name: 'HERE', value: server.directory }];
  const args = ['-c', `echo >>"$HERE/started"; ${script}`, 'helper', '--client-secret=hush'];
  const apiVersion = 'client.authentication.k8s.io/v1';
  return await connect(server.kubeconfig({ exec: { apiVersion, command: 'sh', args, env, ...more } }));
}
const connect = async (kubeconfig: string) => coreCalls(await openConnection({ kubeconfig }));
const listPods = (cluster: CoreCalls) => cluster.listPods({ namespace: 'lab', labels: {} }, stop.signal);
/** Prints what is in the file `status`. */
const PRINT = `printf '{"status":%s}' "$(cat "$HERE/status")"`;
const status = (value: Record<string, string>) => writeFileSync(file('status'), JSON.stringify(value));
const HANG = 'until [ -e "$HERE/released" ]; do sleep 0.02; done';

test('a helper that hangs: the call ends at its deadline, says which one, and the helper is ended', async () => {
  const cluster = await withHelper(HANG);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const failure = listPods(cluster).catch((error) => error);
  await eventually(() => lines('started') === 1);
  vi.advanceTimersByTime(15_000);
  expect(await failure).toMatchObject({
    message:
      'kubernetes: the login helper of the kubeconfig (sh) did not end in time, so squall cannot list pods in lab',
    fix: expect.stringContaining('log in'),
  });
  await eventually(() => helpers().length === 0);
  expect(server.asked).toEqual([]);
});

test('what a helper gives after the call was given up is not sent', async () => {
  status({ token: 'late' });
  const cluster = await withHelper(`${HANG}; ${PRINT}`);
  const failure = listPods(cluster).catch((error) => error);
  await eventually(() => lines('started') === 1);
  stop.abort();
  expect(await failure).toMatchObject({ message: expect.stringContaining('(sh) did not end in time') });
  writeFileSync(file('released'), '');
  await eventually(() => helpers().length === 0);
  stop = new AbortController();
  expect(await listPods(cluster)).toEqual([]);
  expect(server.asked).toEqual(['Bearer late']);
});

test('a server that hangs behind a helper that does not: it is the server that is named', async () => {
  status({ token: 'one' });
  const cluster = await withHelper(PRINT);
  server.hold();
  const failure = listPods(cluster).catch((error) => error);
  await eventually(() => server.asked.length === 1);
  stop.abort();
  expect(await failure).toMatchObject({
    message: expect.stringContaining(`${server.url} did not answer in time`),
  });
});

test('a call whose time is up when it begins asks nobody', async () => {
  const cluster = await withHelper(PRINT);
  stop.abort();
  await expect(listPods(cluster)).rejects.toThrow(`${server.url} did not answer in time`);
  expect({ started: lines('started'), asked: server.asked }).toEqual({ started: 0, asked: [] });
});

test('a helper is told what kubectl tells it, about the cluster only when it asks for that', async () => {
  status({ token: 'one' });
  const note = `printf %s "$KUBERNETES_EXEC_INFO" >"$HERE/info"; ${PRINT}`;
  const told = async (more: Record<string, unknown>) => {
    await listPods(await withHelper(note, more));
    return JSON.parse(readFileSync(file('info'), 'utf8'));
  };
  const basics = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential' };
  expect(await told({})).toEqual({ ...basics, spec: { interactive: false } });
  expect(await told({ provideClusterInfo: true })).toMatchObject({
    ...basics,
    spec: { interactive: false, cluster: { server: server.url } },
  });
});

test('credentials without an expiry are asked for once', async () => {
  status({ token: 'one' });
  const cluster = await withHelper(PRINT);
  for (let call = 0; call < 3; call += 1) await listPods(cluster);
  expect({ started: lines('started'), asked: server.asked }).toEqual({
    started: 1,
    asked: ['Bearer one', 'Bearer one', 'Bearer one'],
  });
});

test('calls that are made at once wait for one helper, and a helper that failed is asked again', async () => {
  status({ token: 'one' });
  const cluster = await withHelper(`[ -e "$HERE/status" ] || exit 1; ${PRINT}`);
  await Promise.all([listPods(cluster), listPods(cluster), listPods(cluster)]);
  expect({ started: lines('started'), asked: server.asked.length }).toEqual({ started: 1, asked: 3 });
  const other = await withHelper(`[ -e "$HERE/works" ] || exit 1; ${PRINT}`);
  await expect(listPods(other)).rejects.toThrow('exit code 1');
  writeFileSync(file('works'), '');
  expect(await listPods(other)).toEqual([]);
});

test('credentials without an expiry that are refused are asked for again, in the same call', async () => {
  status({ token: 'one' });
  const cluster = await withHelper(PRINT);
  await listPods(cluster);
  status({ token: 'two' });
  server.accept('two');
  expect(await listPods(cluster)).toEqual([]);
  expect(server.asked).toEqual(['Bearer one', 'Bearer one', 'Bearer two']);
});

test('a helper whose credentials are always refused: the call fails after the second', async () => {
  status({ token: 'one' });
  const cluster = await withHelper(PRINT);
  server.accept('two');
  await expect(listPods(cluster)).rejects.toThrow('does not accept the credentials (401)');
  expect(server.asked).toHaveLength(2);
});

test.each([
  ['that are over', -1, 2],
  ['that are not', 60_000, 1],
])('credentials with an expiry: those %s', async (_, endsInMs, started) => {
  status({ token: 'one', expirationTimestamp: new Date(Date.now() + endsInMs).toISOString() });
  const cluster = await withHelper(PRINT);
  for (let call = 0; call < 2; call += 1) await listPods(cluster);
  expect(lines('started')).toBe(started);
});

test.each([
  ['fails', 'echo SSO session is over >&2; exit 7', 'failed (exit code 7): SSO session is over'],
  ['prints a token and nothing else', 'echo hush', 'printed no credentials'],
  ['waits for an answer', `read answer || exit 8; ${PRINT}`, 'failed (exit code 8): '],
])('a helper that %s: it is named, and no secret is', async (_, script, message) => {
  const error = await listPods(await withHelper(script)).catch((caught) => caught);
  expect(error.message).toBe(`kubernetes: the login helper of the kubeconfig (sh) ${message}`);
  expect(error.message).not.toContain('hush');
});

test('a helper that is not installed', async () => {
  const exec = { command: 'squall-no-such-helper' };
  const cluster = await connect(server.kubeconfig({ exec }));
  await expect(listPods(cluster)).rejects.toThrow('(squall-no-such-helper) failed (ENOENT)');
});
