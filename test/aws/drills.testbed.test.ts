import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadEnvironment } from '../../chaos/definitions/load-environment.ts';
import type { FaultRequest } from '../../chaos/provider.ts';
import { type StandIn, startStandIn } from '../../chaos/providers/aws/fixtures/stand-in.ts';
import { furnish, INSTANCE, SHARD, TEST_CREDENTIALS } from '../../chaos/providers/aws/fixtures/world.ts';
import { createLocalProvider } from '../../chaos/providers/local/provider.ts';
import { buildScenarios } from '../../orchestrator/tools/build.ts';
import type { Verdict } from '../../orchestrator/verdict.types.ts';
import { findFreeBlock } from '../../testbed/commands/ports.ts';
import { run } from '../../testbed/fixtures/running.ts';
import { drillArguments } from '../drill/run-drill.ts';
import { copyShipped, type ShippedCopy } from '../drill/shipped.ts';
import { anyK6 } from '../k6.ts';

const root = path.resolve(import.meta.dirname, '../..');
const k6 = await anyK6();
let directory: string;
let standIn: StandIn;
beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'squall-aws-drill-'));
});
afterEach(async () => {
  await standIn.close();
  thaw();
  await run(path.join(directory, 'testbed'), 'down');
  rmSync(directory, { recursive: true, force: true });
});

const FAILOVERS = [
  {
    drill: 'postgres-failover',
    speed: 2.5,
    component: 'projects-db',
    form: INSTANCE,
    says: 'Multi-AZ instance failover started',
  },
  {
    drill: 'redis-failover',
    speed: 10,
    component: 'sessions',
    form: SHARD,
    says: 'sessions-002 is the primary now',
  },
];

test.skipIf(k6 === null).each(FAILOVERS)(
  '$drill on a stand-in for AWS, whose effect is the loss of the real primary: PASS with real downtime',
  { timeout: 240_000 },
  async ({ says, ...which }) => {
    const files = await onStandIn(which);
    const { verdict, stderr } = await runIt(files);
    const [fault] = verdict.faults;
    expect(fault, `${verdict.reasons.join('\n')}\n${stderr}`).toMatchObject({
      name: 'primary-lost',
      result: 'PASS',
    });
    expect(fault?.evidence.join('\n')).toContain(says);
    // Nothing but the loss of the real store makes requests fail here.
    expect(fault?.downtimeMs, JSON.stringify(fault, null, 1)).toBeGreaterThan(100);
    expect(fault?.failedRequests).toBeGreaterThan(0);
    expect(verdict.writes).toMatchObject({ lost: 0 });
    expect(standIn.orders).toHaveLength(1);
    expect(verdict.residue).toEqual([]);
  },
);

// They want 200 and 300 requests a second for a minute and a half, and a machine that is up to it.
test.skipIf(k6 === null || !process.env.SQUALL_FULL).each(FAILOVERS)(
  '$drill as it is shipped, on a stand-in for AWS: PASS with real downtime',
  { timeout: 300_000 },
  async ({ says, drill, ...which }) => {
    const files = await onStandIn({ ...which, drill, speed: 2.5, warmsUp: true });
    const { verdict, stderr } = await runIt({
      ...files,
      drill: path.join(root, 'chaos/drills', `${drill}.yaml`),
    });
    expect(verdict.verdict, `${verdict.reasons.join('\n')}\n${stderr}`).toBe('PASS');
    const [fault] = verdict.faults;
    expect(fault?.evidence.join('\n')).toContain(says);
    expect(fault?.downtimeMs).toBeGreaterThan(100);
    expect(verdict.writes).toMatchObject({ lost: 0, duplicated: 0 });
    expect(standIn.orders).toHaveLength(1);
  },
);

/** The shipped drill and environment; what it fails over is on the stand-in. */
async function onStandIn({
  drill,
  speed,
  component,
  form,
  warmsUp = false,
}: {
  readonly warmsUp?: boolean;
  readonly drill: string;
  /** So much quicker than what was recorded. */
  readonly speed: number;
  readonly component: string;
  readonly form: object;
}): Promise<ShippedCopy> {
  let loseThePrimary = async () => {};
  standIn = await startStandIn({
    speed,
    skewMs: 2_700,
    effect(what) {
      // The testbed would promote its standby within a second; RDS takes its time, and so the promotion has to wait for it.
      if (component === 'projects-db')
        process.kill(Number(readFileSync(controlPid(), 'utf8')), what === 'down' ? 'SIGSTOP' : 'SIGCONT');
      if (what === 'down') void loseThePrimary();
    },
  });
  furnish(standIn);
  const request = {
    directory,
    basePort: await findFreeBlock(),
    speed: 0.4,
    drill,
    vars: {
      ...{ RATE: '60', READ_SHARE: '20%', WRITE_SHARE: '20%', SESSION_SHARE: '20%', VUS: '200' },
      // Also where the drill leaves them to the scenario, whose 15 s come before the load and once more after it.
      ...{ BASE_DURATION: '1s', RAMP: '1s' },
    },
    settings: ['control-period-ms=500'],
    warmsUp,
  };
  // The same component as it really is: what the effect takes away.
  const local = await copyShipped(request);
  const { value: real } = await loadEnvironment(local.environment, directory);
  loseThePrimary = () => loseReal(real, component);
  await buildScenarios({ cwd: root, outDir: path.join(directory, 'build') });
  return await copyShipped({
    ...request,
    environment: (shipped) => ({
      ...shipped,
      name: 'staging',
      aws: { account: standIn.account, region: 'eu-central-1', endpoint: standIn.endpoint },
      allow: { ...shipped.allow, kinds: ['failover', 'latency'] },
      components: { ...shipped.components, [component]: { provider: 'aws', ...form } },
    }),
  });
}

/** As the local provider does it: the primary's process dies, and the testbed's own supervision promotes the other. */
async function loseReal(environment: FaultRequest['environment'], component: string): Promise<void> {
  const provider = createLocalProvider();
  const signal = AbortSignal.timeout(20_000);
  const request = {
    run: 'effect',
    fault: { name: 'effect', kind: 'failover', component, at: 0, params: { mode: 'kill' }, expect: {} },
    componentName: component,
    component: environment.components[component],
    environment,
  } as FaultRequest;
  const { targets } = await provider.resolve(request, signal);
  const session = await provider.open({ components: {} } as never, signal);
  const prepared = await session.prepare(request, targets, signal);
  await prepared.act(signal);
  await session.close();
}

/** A test that failed in the middle leaves the testbed's control as the effect left it. */
function thaw(): void {
  try {
    process.kill(Number(readFileSync(controlPid(), 'utf8')), 'SIGCONT');
  } catch {
    // It has never been there, or is gone by now.
  }
}

function controlPid(): string {
  return path.join(directory, 'testbed', 'run', 'control.pid');
}

async function runIt(files: ShippedCopy): Promise<{ verdict: Verdict; stderr: string }> {
  const args = [...drillArguments(files), '--approve', 'primary-lost', '--json'];
  const { stdout, stderr, exitCode } = await execa(process.execPath, args, {
    cwd: directory,
    env: { ...files.env, ...TEST_CREDENTIALS, K6_BIN: k6?.path ?? '' },
    reject: false,
    stdin: 'ignore',
    timeout: 230_000,
  });
  try {
    return { verdict: JSON.parse(stdout) as Verdict, stderr };
  } catch (cause) {
    throw new Error(`no verdict (exit ${exitCode}): ${stdout} ${stderr}`, { cause });
  }
}
