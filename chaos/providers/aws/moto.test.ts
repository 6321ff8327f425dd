import { CreateReplicationGroupCommand, ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { CreateDBClusterCommand, CreateDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openAccount } from './account.ts';
import { effectOf, type FisFault } from './fis/effects.ts';
import { tagsOf } from './fis/experiments.ts';
import { type Moto, motoServer, startMoto } from './fixtures/moto.ts';
import { CLUSTER, requestOf, SUBNETS, TEST_CREDENTIALS } from './fixtures/world.ts';
import { createAwsProvider } from './provider.ts';

const ACCOUNT = '123456789012';
const OWNER = { MasterUsername: 'owner', MasterUserPassword: 'stand-in-for-tests' };

// Written by others from AWS's documentation: what squall reads and sends there is not only what its own stand-in thinks.
describe.skipIf(motoServer === null)('(moto) an emulator of AWS', () => {
  let moto: Moto;
  const signal = () => AbortSignal.timeout(20_000);
  const settings = () => ({ account: ACCOUNT, region: 'eu-central-1', endpoint: moto.endpoint });

  beforeAll(async () => {
    for (const [name, value] of Object.entries(TEST_CREDENTIALS)) vi.stubEnv(name, value);
    moto = await startMoto();
    const client = {
      region: 'eu-central-1',
      endpoint: moto.endpoint,
      credentials: { accessKeyId: 'x', secretAccessKey: 'y' },
    };
    const rds = new RDSClient(client);
    await rds.send(
      new CreateDBInstanceCommand({
        ...OWNER,
        DBInstanceIdentifier: 'projects',
        DBInstanceClass: 'db.m6g.large',
        Engine: 'postgres',
        AllocatedStorage: 20,
        MultiAZ: true,
      }),
    );
    const Engine = 'aurora-postgresql';
    const DBClusterIdentifier = 'library';
    await rds.send(new CreateDBClusterCommand({ ...OWNER, DBClusterIdentifier, Engine }));
    for (const DBInstanceIdentifier of ['library-a', 'library-b']) {
      await rds.send(
        new CreateDBInstanceCommand({
          DBInstanceIdentifier,
          DBClusterIdentifier,
          DBInstanceClass: 'db.r6g.large',
          Engine,
        }),
      );
    }
    await new ElastiCacheClient(client).send(
      new CreateReplicationGroupCommand({
        ReplicationGroupId: 'sessions',
        ReplicationGroupDescription: 'sessions',
        Engine: 'redis',
        CacheNodeType: 'cache.m6g.large',
        NumNodeGroups: 1,
        ReplicasPerNodeGroup: 1,
        AutomaticFailoverEnabled: true,
        MultiAZEnabled: true,
      }),
    );
  }, 60_000);
  afterAll(async () => {
    vi.unstubAllEnvs();
    await moto?.close();
  });

  test('an instance, a cluster and a group are read as it describes them', async () => {
    const account = openAccount(settings());
    expect((await account.check(signal(), 0)).arn).toMatch(/^arn:aws:sts::123456789012:/);
    const rds = await account.rds();
    expect(await rds.instance('projects', signal())).toMatchObject({
      arn: 'arn:aws:rds:eu-central-1:123456789012:db:projects',
      status: 'available',
      isMultiAz: true,
      zone: expect.stringMatching(/^eu-central-1[a-c]$/),
      cluster: undefined,
      what: expect.stringMatching(/^db\.m6g\.large, postgres/),
    });
    expect(await rds.instance('nowhere', signal())).toBeUndefined();
    expect(await rds.cluster('nowhere', signal())).toBeUndefined();
    const group = await (await account.elasticache()).group('sessions', signal());
    const [shard, ...more] = group?.shards ?? [];
    expect(more).toEqual([]);
    expect(shard).toMatchObject({ id: '0001', automaticFailover: 'enabled', groupStatus: 'available' });
    expect(shard?.nodes.map(({ id, role }) => [id, role])).toEqual([
      ['sessions-001', 'primary'],
      ['sessions-002', 'replica'],
    ]);
    expect(await (await account.elasticache()).group('nowhere', signal())).toBeUndefined();
  });

  test('a cluster fails over, though no event tells of it: another instance is the writer, by two reads', async () => {
    const provider = createAwsProvider({ speed: 20 });
    const request = requestOf({ account: ACCOUNT, endpoint: moto.endpoint }, CLUSTER);
    const { targets } = await provider.resolve(request, signal());
    expect(targets.map(({ identity }) => identity.instance)).toEqual(['library-a']);
    const session = await provider.open({} as never, signal());
    const prepared = await session.prepare(request, targets, signal());
    await prepared.act(signal());
    expect((await prepared.observe(signal())).seen).toEqual([
      'library-a is not the writer any more, library-b is',
    ]);
    expect((await prepared.observeEnd(signal())).seen).toEqual(['library-b is the writer, by two reads']);
    await session.close();
  });

  // It has no experiments yet.
  test('a template of FIS is taken as squall writes it, once for one token, and deleted', async () => {
    const fis = await openAccount(settings()).fis();
    const { fault } = requestOf({ account: ACCOUNT, endpoint: moto.endpoint }, SUBNETS);
    const { targets, action } = effectOf(settings(), 'link', SUBNETS_FORM, fault as FisFault, 2);
    const template = {
      clientToken: 'run-1.cut',
      description: 'squall run-1 cut',
      roleArn: SUBNETS.fis.role,
      stopConditions: [{ source: 'none' }],
      targets,
      actions: { fault: action },
      experimentOptions: { accountTargeting: 'single-account', emptyTargetResolutionMode: 'fail' },
      tags: tagsOf('run-1', 'cut'),
    };
    const id = await fis.createTemplate(template, signal());
    expect(await fis.createTemplate(template, signal())).toBe(id);
    await fis.deleteTemplate(id, signal());
    await expect(fis.deleteTemplate(id, signal())).rejects.toThrow(
      /cannot fis:DeleteExperimentTemplate: ResourceNotFoundException/,
    );
  });
});

const SUBNETS_FORM = { ...SUBNETS.fis, scope: 'all' as const };
