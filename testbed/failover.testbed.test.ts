import { readFileSync } from 'node:fs';
import pino from 'pino';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { alivePids, eventually, type Running, startTestbed } from './fixtures/running.ts';
import { lookUp, startWriter, wrong } from './fixtures/writer.ts';
import { readJson } from './lib/files.ts';
import { paths, readTestbed, type Secrets } from './lib/testbed.ts';
import { type Cluster, readCluster } from './postgres/cluster.ts';
import { isInRecovery } from './postgres/node.ts';
import { connectDatabase } from './projects/database.ts';

let testbed: Running;
beforeAll(async () => {
  // Each test kills processes that another has killed before: their tries must not add up to an escalation.
  testbed = await startTestbed('forget-tries-after-ms=0');
});
afterAll(() => testbed?.end());

const replicas = ['projects-1', 'projects-2'];

for (const round of [1, 2]) {
  test(`when the Postgres primary is killed, the standby takes over and every acknowledged write is kept (round ${round})`, async () => {
    const before = readCluster(testbed.dir);
    const pids = alivePids(testbed.dir, replicas);
    const writer = startWriter(testbed, await testbed.login());
    await eventually('writes before the failover', () => writer.acknowledged.length > 20);
    testbed.kill(before.primary);
    const after = await eventually('another primary with a synchronous standby', () => promoted(before));
    const count = writer.acknowledged.length;
    await eventually('writes after the failover', () => writer.acknowledged.length > count + 20);
    await writer.stop();
    expect(after.primary).toBe(before.standby);
    // They have reconnected by themselves, and were not restarted.
    expect(alivePids(testbed.dir, replicas)).toEqual(pids);
    expect(wrong(writer.acknowledged, await lookUp(testbed, writer.acknowledged))).toEqual([]);
    await testbed.alert({ alertname: 'PrimaryLost', component: 'projects-db', instance: before.primary });
    await testbed.alert({ alertname: 'PrimaryLost', instance: before.primary, status: 'resolved' });
    await testbed.becomesHealthy();
  });
}

test('after a failover there is one primary, and the old one follows it', async () => {
  const { primary, standby } = readCluster(testbed.dir);
  const own = readTestbed(testbed.dir);
  if (own === undefined) throw new Error('no testbed');
  expect(await isInRecovery(own, primary)).toBe(false);
  expect(await isInRecovery(own, standby)).toBe(true);
});

test('when the standby is killed, writes go on without it, and it becomes synchronous again', async () => {
  const before = readCluster(testbed.dir);
  const writer = startWriter(testbed, await testbed.login());
  await eventually('writes', () => writer.acknowledged.length > 10);
  testbed.kill(before.standby);
  await testbed.alert({ alertname: 'StandbyLost', instance: before.standby });
  const audit = () => readFileSync(paths(testbed.dir).audit, 'utf8');
  await eventually('the primary goes on without it', () =>
    audit().includes(`go on without ${before.standby}`),
  );
  await eventually('a synchronous standby', () => readCluster(testbed.dir).synced);
  await testbed.becomesHealthy();
  await writer.stop();
  expect(readCluster(testbed.dir)).toMatchObject({ primary: before.primary, epoch: before.epoch });
  expect(wrong(writer.acknowledged, await lookUp(testbed, writer.acknowledged))).toEqual([]);
});

test('when both nodes are killed, the primary comes back with every acknowledged write', async () => {
  const before = readCluster(testbed.dir);
  const writer = startWriter(testbed, await testbed.login());
  await eventually('writes', () => writer.acknowledged.length > 20);
  testbed.kill(before.standby);
  testbed.kill(before.primary);
  await testbed.becomesHealthy();
  await writer.stop();
  expect(wrong(writer.acknowledged, await lookUp(testbed, writer.acknowledged))).toEqual([]);
});

test('a connection that breaks in the middle of a statement ends no process', async () => {
  const own = readTestbed(testbed.dir);
  const secrets = readJson<Secrets>(paths(testbed.dir).secrets);
  if (own === undefined || secrets === undefined) throw new Error('no testbed');
  const uncaught: unknown[] = [];
  const hear = (error: unknown) => void uncaught.push(error);
  process.on('uncaughtExceptionMonitor', hear);
  const [user, other] = [1, 2].map(() => connectDatabase(own, secrets, pino({ enabled: false }), () => {}));
  onTestFinished(async () => {
    process.off('uncaughtExceptionMonitor', hear);
    await Promise.all([user?.close(), other?.close()]);
  });
  const slow = user?.query('select pg_sleep(0.9) as broken').catch((error: Error) => error);
  const pid = await eventually('the statement runs', async () => {
    const found = await other?.query<{ pid: number }>(
      "select pid from pg_stat_activity where query like '%as broken' and state = 'active' and pid <> pg_backend_pid()",
    );
    return found?.rows[0]?.pid;
  });
  process.kill(pid, 'SIGKILL'); // Without a chance to say anything, like a machine that is gone.
  await slow;
  await eventually('it is back', () => other?.query('select 1'));
  expect(uncaught).toEqual([]);
  await testbed.becomesHealthy();
});

test('when the Redis master is killed, no acknowledged session is lost, and the dead node comes back as a replica', async () => {
  const tokens: string[] = [];
  const until = new AbortController();
  const logins = (async () => {
    while (!until.signal.aborted)
      await testbed.login().then(
        (token) => tokens.push(token),
        () => {},
      );
  })();
  await eventually('sessions before the failover', () => tokens.length > 20);
  const master = (await control()).sessionsMaster as string;
  testbed.kill(master);
  await testbed.alert({ alertname: 'ProcessDown', component: 'sessions', instance: master });
  await eventually('another master', async () => {
    const now = (await control()).sessionsMaster;
    return now !== null && now !== undefined && now !== master;
  });
  await testbed.becomesHealthy();
  const count = tokens.length;
  await eventually('sessions after the failover', () => tokens.length > count + 10);
  until.abort();
  await logins;
  const statuses = new Set<number>();
  for (const token of tokens) statuses.add((await testbed.call('/api/session', { token })).status);
  expect([...statuses]).toEqual([200]);
});

function promoted(before: Cluster): Cluster | undefined {
  const now = readCluster(testbed.dir);
  return now.epoch === before.epoch + 1 && now.synced ? now : undefined;
}

async function control() {
  return (await testbed.call(`${testbed.origin('control')}/status`)).json;
}
