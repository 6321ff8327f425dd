import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type StandIn, startStandIn } from '../../chaos/providers/aws/fixtures/stand-in.ts';
import {
  CLUSTER,
  furnish,
  INSTANCE,
  SERVICE,
  SHARD,
  SUBNETS,
  TASKS,
  TEST_CREDENTIALS,
} from '../../chaos/providers/aws/fixtures/world.ts';
import { squallEntry, writeDrill } from '../drill/run-drill.ts';
import { anyK6 } from '../k6.ts';
import { startTinyTarget, type TinyTarget } from '../tiny-target/tiny-target.ts';

const k6 = await anyK6();
let target: TinyTarget;
let standIn: StandIn;
beforeEach(async () => {
  target = await startTinyTarget();
  standIn = await startStandIn();
  furnish(standIn);
});
afterEach(async () => {
  await standIn.close();
  await target.stop();
});

const forms = {
  database: INSTANCE,
  library: CLUSTER,
  cache: SHARD,
  gateway: SERVICE,
  link: SUBNETS,
  slow: TASKS,
};
const kinds: Readonly<Record<string, object>> = {
  gateway: { kind: 'stop' },
  link: { kind: 'partition', for: '30s' },
  slow: { kind: 'latency', for: '30s', params: { delay: '80ms', direction: 'from' } },
};

function planWith(account: string) {
  const names = Object.keys(forms);
  const files = writeDrill(
    target,
    {
      load: [{ script: 'script.js', vars: { DURATION: '400s' } }],
      faults: names.map((component, index) => ({
        name: `${component}-lost`,
        component,
        at: `${10 + index * 60}s`,
        ...(kinds[component] ?? { kind: 'failover' }),
      })),
    },
    {
      name: 'staging',
      aws: { account, region: 'eu-central-1', endpoint: standIn.endpoint },
      allow: { kinds: ['failover', 'stop', 'partition', 'latency'], maxTargets: 1 },
      components: Object.fromEntries(
        Object.entries(forms).map(([name, form]) => [name, { provider: 'aws', ...form }]),
      ),
    },
    k6?.path,
  );
  const approvals = names.flatMap((name) => (name in kinds ? [] : ['--approve', `${name}-lost`]));
  return execa(
    process.execPath,
    [squallEntry, 'plan', files.drill, '--env', files.environment, ...approvals],
    {
      env: { ...files.env, ...TEST_CREDENTIALS, COLUMNS: '400' },
      reject: false,
      stdin: 'ignore',
    },
  );
}

test.skipIf(k6 === null)(
  '(stand-in) a plan on AWS says what would be hit, what it does, rights and quota, and only reads',
  async () => {
    const { exitCode, stdout, stderr } = await planWith(standIn.account);
    expect(exitCode, `${stdout}\n${stderr}`).toBe(0);
    const text = stdout.replaceAll(/\s+/g, ' ');
    for (const said of [
      'projects, primary in eu-central-1a; 2 of 2 healthy',
      'the standby in eu-central-1b becomes the primary',
      'who needs rds:RebootDBInstance on arn:aws:rds:eu-central-1:123456789012:db:projects',
      'library-a, writer in eu-central-1a; 3 of 3 healthy',
      'library-c in eu-central-1c becomes the writer',
      'who needs rds:FailoverDBCluster on arn:aws:rds:eu-central-1:123456789012:cluster:library',
      'sessions-001, primary in eu-central-1a; 2 of 2 healthy',
      '0 of 15 test failovers of the last 24 hours are used',
      'who needs elasticache:TestFailover',
      '17 to 39 s of downtime',
      'arn:aws:sts::123456789012:assumed-role/drills/anna',
      'who needs ecs:StopTask on',
      'link: subnet-0a1b2c3d4e5f67890 from all',
      'what goes on within a subnet goes on, and open connections are cut as well',
      'FIS ends it by itself after 2 min; no alarm stops it; about $0.20',
      'who needs fis:CreateExperimentTemplate, fis:StartExperiment and iam:PassRole on arn:aws:iam::123456789012:role/fis',
      'slow: tasks of music/gateway, to everything',
    ]) {
      expect(text).toContain(said);
    }
    expect(standIn.calls[0]).toBe('sts:GetCallerIdentity');
    expect(
      standIn.calls.filter((call) => !/^sts:GetCallerIdentity$|:(Describe|List|Get)[A-Z]/.test(call)),
    ).toEqual([]);
    expect(standIn.orders).toEqual([]);
  },
);

test.skipIf(k6 === null)(
  '(stand-in) a plan with credentials of another account asks STS, and nothing else',
  async () => {
    const { exitCode, stderr } = await planWith('999999999999');
    expect(exitCode, stderr).toBe(64);
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain('these are credentials of account 123456789012');
    expect([...new Set(standIn.calls)]).toEqual(['sts:GetCallerIdentity']);
  },
);
