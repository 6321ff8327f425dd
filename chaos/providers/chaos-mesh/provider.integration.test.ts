import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { build as esbuild } from 'esbuild';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { type FaultRequest, NoEvidenceError, type PreparedFault, type UndoOutcome } from '../../provider.ts';
import { drill as drillSchema } from '../../schema/drill.ts';
import { type ContractCase, contextOf, describeProviderContract } from '../contract.ts';
import { connect } from './cluster.ts';
import { adminConfig, createLab, hasCluster, type Lab, waitFor, writeKubeconfig } from './fixtures/lab.ts';
import { componentOf, everyFault, makeEnvironment, makeRequest } from './fixtures/requests.ts';
import { objectLabels, objectName } from './naming.ts';
import { buildObject } from './objects/build.ts';
import { checkObject } from './objects/check.ts';
import { type ChaosObject, GROUP, PLURALS, VERSION } from './objects/types.ts';
import { createChaosMeshProvider } from './provider.ts';
import { exportWorkflow } from './workflow.ts';

it('without a kubeconfig the provider says what to do', async () => {
  vi.stubEnv('KUBECONFIG', '/nowhere/kubeconfig');
  const refused = createChaosMeshProvider().resolve(
    makeRequest({ kind: 'kill' }),
    AbortSignal.timeout(10_000),
  );
  await expect(refused).rejects.toThrow(/no cluster is configured/);
  vi.unstubAllEnvs();
});

// Everything below runs under exactly the role that ships (rbac.yaml), except what the lab does to set the scene.
describe.skipIf(!hasCluster)('Chaos Mesh on a real cluster', () => {
  let lab: Lab;
  let runs = 0;
  const provider = createChaosMeshProvider();
  const admin = process.env.KUBECONFIG;
  const soon = (ms = 60_000) => AbortSignal.timeout(ms);
  const request = (fault: Record<string, unknown>) =>
    makeRequest(fault, { namespace: lab.namespace, run: `test-${process.pid}-${runs++}` });

  beforeAll(async () => {
    lab = await createLab();
    process.env.KUBECONFIG = lab.kubeconfig;
  });
  afterAll(async () => {
    process.env.KUBECONFIG = admin;
    await lab?.close();
  });

  const prepare = (fault: Record<string, unknown>) => prepareRequest(request(fault));

  async function prepareRequest(asked: FaultRequest) {
    const { targets } = await provider.resolve(asked, soon());
    const session = await provider.open(contextOf(asked), soon());
    return { asked, prepared: await session.prepare(asked, targets, soon()) };
  }

  const contractCase = (fault: Record<string, unknown>, refused?: Record<string, unknown>): ContractCase => ({
    title: `${fault.kind}`,
    deadlineMs: 60_000,
    sabotageMs: 2_000,
    async create() {
      await lab.settle();
      return {
        request: request(fault),
        snapshot: lab.snapshot,
        residue: lab.residue,
        crash: lab.deletePods,
        close: lab.settle,
      };
    },
    ...(refused === undefined ? {} : { refused: () => request(refused) }),
  });
  describeProviderContract('chaos-mesh', {
    createProvider: createChaosMeshProvider,
    cases: [
      contractCase({ kind: 'kill' }, { kind: 'kill', params: { count: 2 } }),
      contractCase({ kind: 'freeze', for: '30s' }),
      contractCase({ kind: 'partition', component: 'link', for: '30s' }, { kind: 'partition', for: '30s' }),
      contractCase({ kind: 'stress', for: '30s', params: { cpu: { workers: 1, load: 10 } } }),
    ],
  });

  it('every object fits the schema of the installed CRD, with no field that the schema would drop', async () => {
    const ajv = new Ajv({ strict: false, validateFormats: false });
    for (const fault of everyFault) {
      const object = build(request(fault));
      const crd = await lab.extensions.readCustomResourceDefinition({
        name: `${PLURALS[object.kind]}.${GROUP}`,
      });
      const schema = crd.spec.versions.find(({ name }) => name === VERSION)?.schema?.openAPIV3Schema;
      // The client reads `enum` and `default` under other names.
      const plain = JSON.stringify(schema)
        .replaceAll('"_enum"', '"enum"')
        .replaceAll('"_default"', '"default"');
      const validate = ajv.compile(closed(JSON.parse(plain)) as object);
      expect(validate(object), `${object.kind}: ${ajv.errorsText(validate.errors)}`).toBe(true);
    }
  });

  it('every kind of object passes the real webhooks', async () => {
    await lab.settle();
    const cluster = await connect({});
    for (const fault of everyFault) {
      const created = await cluster.create(build(request(fault)), { dryRun: true }, soon());
      expect(created.kind).toBe(build(request(fault)).kind);
    }
    expect(await lab.residue()).toEqual([]);
  });

  it("a malformed object is refused by squall first, and without squall's check by the webhook, whose words are passed on", async () => {
    const good = build(request({ kind: 'partition', component: 'link', for: '10s' }));
    const malformed = { ...good, spec: { ...good.spec, mode: 'fixed' } } as ChaosObject;
    expect(() => checkObject(malformed, [lab.namespace])).toThrow(/mode fixed needs a value/);
    const cluster = await connect({});
    await expect(cluster.create(malformed, { dryRun: false }, soon())).rejects.toThrow(
      /vnetworkchaos\.kb\.io.*denied the request/,
    );
    expect(await lab.residue()).toEqual([]);
  });

  it('a killed pod is replaced, and the recovery is measured from the pods', async () => {
    await lab.settle();
    const { prepared } = await prepare({ kind: 'kill' });
    const actedAt = Date.now();
    await prepared.act(soon());
    const gone = await prepared.observe(soon());
    const back = await prepared.observeEnd(soon());
    expect(gone.at).toBeGreaterThanOrEqual(actedAt);
    expect(back.at).toBeGreaterThan(gone.at);
    expect(back.seen.join('\n')).toMatch(/new uid .* is ready/);
    expect(await lab.residue()).toEqual([]);
  });

  it('a killed container starts again in the same pod', async () => {
    await lab.settle();
    const { prepared } = await prepare({ kind: 'container-kill' });
    await prepared.act(soon());
    expect((await prepared.observe(soon())).seen[0]).toMatch(/container main has ended/);
    await prepared.observeEnd(soon(120_000));
    expect(await lab.residue()).toEqual([]);
  }, 200_000);

  it('a partition cuts the link, both ways, and heals', async () => {
    await lab.settle();
    expect(await lab.connected()).toBe(true);
    const { prepared } = await prepare({ kind: 'partition', component: 'link', for: '60s' });
    await prepared.act(soon());
    await prepared.observe(soon());
    expect(await lab.connected()).toBe(false);
    await prepared.revert(soon());
    await prepared.observeEnd(soon());
    await waitFor('the connection', lab.connected, 20_000);
    expect(await lab.residue()).toEqual([]);
  });

  it('a partition towards hosts cuts what goes there, and heals', async () => {
    await lab.settle();
    const asked = request({
      kind: 'partition',
      component: 'outside',
      for: '60s',
      params: { direction: 'to' },
    });
    const component = { ...componentOf(asked), to: { hosts: [await lab.address('client')] } };
    const { prepared } = await prepareRequest({ ...asked, component });
    expect(await lab.connected()).toBe(true);
    await prepared.act(soon());
    await prepared.observe(soon());
    expect(await lab.connected()).toBe(false);
    await prepared.revert(soon());
    await prepared.observeEnd(soon());
    await waitFor('the connection', lab.connected, 20_000);
    expect(await lab.residue()).toEqual([]);
  });

  it('a bandwidth makes slow what was fast', async () => {
    await lab.settle();
    // One pod of three is hit, and it is the one that the client asks: both take the first by name.
    const fourMegabytes = ['dd', 'if=/dev/zero', 'of=/www/big', 'bs=1M', 'count=4'];
    expect(await lab.run('web', fourMegabytes)).toBe(true);
    expect(await lab.connected('big')).toBe(true);
    const { prepared } = await prepare({
      kind: 'bandwidth',
      for: '60s',
      params: { rate: '1MB/s', direction: 'to' },
    });
    await prepared.act(soon());
    await prepared.observe(soon());
    expect(await lab.connected('big')).toBe(false);
    await prepared.revert(soon());
    await prepared.observeEnd(soon());
    expect(await lab.connected('big')).toBe(true);
    expect(await lab.residue()).toEqual([]);
  });

  it('after SIGKILL in the middle of a partition, recovery by label alone leaves the cluster clean', async () => {
    await lab.settle();
    const asked = request({ kind: 'partition', component: 'link', for: '60s' });
    await cutInAnotherProcess(asked.run, lab.namespace);
    expect(await lab.connected()).toBe(false);
    const records =
      (await provider.findResidue?.({ environment: asked.environment, run: asked.run }, soon())) ?? [];
    expect(records).toHaveLength(1);
    const fresh = createChaosMeshProvider();
    for (const record of records) expect(await fresh.undo(record, soon())).toMatchObject({ state: 'undone' });
    for (const record of records)
      expect(await fresh.undo(record, soon())).toMatchObject({ state: 'nothing-to-undo' });
    await waitFor('the connection', lab.connected, 20_000);
    expect(await lab.residue()).toEqual([]);
  });

  it('when nobody is left to undo it, the server ends the partition by itself', {
    timeout: 200_000,
  }, async () => {
    await lab.settle();
    const asked = request({ kind: 'partition', component: 'link', for: '1s' });
    await cutInAnotherProcess(asked.run, lab.namespace);
    expect(await lab.connected()).toBe(false);
    await waitFor('the end by the duration of the object', lab.connected, 90_000);
    for (const record of (await provider.findResidue?.({ environment: asked.environment }, soon())) ?? []) {
      await provider.undo(record, soon());
    }
    expect(await lab.residue()).toEqual([]);
  });

  it('an undo does not touch an object of the same name that is not of the run', async () => {
    const { prepared } = await prepare({ kind: 'partition', component: 'link', for: '10s' });
    const [record] = prepared.undo;
    await prepared.act(soon());
    const foreign = { ...record, data: { ...record?.data, run: 'another' } } as NonNullable<typeof record>;
    expect(await provider.undo(foreign, soon())).toMatchObject({ state: 'failed' });
    expect(await lab.residue()).not.toEqual([]);
    await prepared.revert(soon());
    expect(await lab.residue()).toEqual([]);
  });

  it.each([
    { kind: 'latency', component: 'link', for: '30s', params: { delay: '80ms' } },
    { kind: 'loss', component: 'link', for: '30s', params: { share: '50%' } },
    { kind: 'io', for: '30s', params: { volume: '/www', delay: '100ms' } },
    { kind: 'http', for: '30s', params: { port: 8080, abort: true } },
    { kind: 'dns', for: '30s', params: { names: ['studio.example'] } },
    { kind: 'time', for: '30s', params: { offset: '-10min' } },
  ])(
    '$kind takes effect, or ends without evidence in the words of Chaos Mesh; either way it is cleaned up',
    { timeout: 300_000 },
    async (fault) => {
      await lab.settle();
      const { prepared } = await prepare(fault);
      await prepared.act(soon());
      const outcome = await prepared.observe(soon(30_000)).catch((error: Error) => error);
      if (outcome instanceof Error) {
        expect(outcome).toBeInstanceOf(NoEvidenceError);
        expect(outcome.message).toMatch(/Chaos Mesh: Apply failed at .+: .+/);
      } else expect(outcome.seen.join()).toMatch(/Apply succeeded/);
      console.info(`${fault.kind}: ${outcome instanceof Error ? outcome.message : outcome.seen.at(-1)}`);
      await cleanUp(prepared, fault.kind);
      expect(await lab.residue()).toEqual([]);
      await expectPartitionWorks();
    },
  );

  it('a rolling restart replaces every pod, and the probes see it', { timeout: 240_000 }, async () => {
    await lab.settle();
    const { asked, prepared } = await prepare({ kind: 'rollout' });
    const probe = async (fields: Record<string, unknown>) => {
      const [parsed] = drillSchema.parse({
        name: 'x',
        load: [{ scenario: 's' }],
        objectives: [{ name: 'o', errors: true, below: '1%' }],
        probes: [{ name: 'p', component: 'pods', within: '10s', ...fields }],
      }).probes;
      return await provider.probe?.({ ...asked, probe: parsed as never }, soon());
    };
    expect(await probe({ kind: 'rollout' })).toMatchObject({ ok: true });
    await prepared.act(soon());
    await prepared.observe(soon());
    expect(await probe({ kind: 'rollout' })).toMatchObject({ ok: false });
    await prepared.observeEnd(soon(120_000));
    expect(await probe({ kind: 'rollout' })).toMatchObject({ ok: true });
    expect(await probe({ kind: 'ready-within' })).toEqual({ ok: true, detail: '3 of 3 replicas are ready' });
    expect(await probe({ kind: 'replicas', atLeast: 3 })).toMatchObject({ ok: true });
    expect(await probe({ kind: 'replicas', atLeast: 4 })).toEqual({
      ok: false,
      detail: '3 replicas are ready',
    });
  });

  it('an exported workflow passes the real webhook, and a broken one does not', async () => {
    const drill = drillSchema.parse({
      name: 'exported',
      load: [{ scenario: 's' }],
      objectives: [{ name: 'o', errors: true, below: '1%' }],
      faults: everyFault
        // A Workflow that dry-runs is checked as a whole: one fault of each kind of object.
        .filter(({ kind }, index, all) => all.findIndex((other) => other.kind === kind) === index)
        .map((fault, index) => ({ name: `f-${index}`, component: 'pods', at: `${index}s`, ...fault })),
    });
    const body = parse(exportWorkflow({ drill, environment: makeEnvironment(lab.namespace, '50%', 'main') }));
    const create = (object: unknown) =>
      lab.custom.createNamespacedCustomObject({
        group: GROUP,
        version: VERSION,
        namespace: lab.namespace,
        plural: 'workflows',
        dryRun: 'All',
        body: object as object,
      });
    await create(body);
    body.spec.entry = 'nowhere';
    await expect(create(body)).rejects.toThrow(/nowhere/);
  });

  it('missing permissions are named before anything is touched', async () => {
    const asked = makeRequest({ kind: 'kill' }, { namespace: 'default' });
    await expect(provider.resolve(asked, soon())).rejects.toMatchObject({
      name: 'ProviderError',
      message: expect.stringMatching(/may not .*create podchaos in default/),
      fix: expect.stringContaining('rbac.yaml'),
    });
  });

  it.each([
    ['an API server that cannot be reached', { server: 'https://127.0.0.1:1' }, /cannot be reached/],
    [
      "a token that is none of this cluster's",
      { token: 'eyJhbGciOiJSUzI1NiJ9.e30.AAAA' },
      /does not accept the credentials \(401\)/,
    ],
  ])('%s is named with a way out, and nothing is touched', async (_, change, message) => {
    const file = join(tmpdir(), `squall-test-${process.pid}-${runs++}.kubeconfig`);
    writeKubeconfig(file, adminConfig(), change);
    await withKubeconfig(file, async () => {
      const refusal = await provider.resolve(request({ kind: 'kill' }), soon()).catch((error) => error);
      expect(refusal).toMatchObject({
        name: 'ProviderError',
        message: expect.stringMatching(message),
        fix: expect.stringMatching(/\w/),
      });
    });
  });

  it('a context that is not in the kubeconfig is refused', async () => {
    const asked = request({ kind: 'kill' });
    const component = { ...componentOf(asked), context: 'no-such-context' };
    await expect(provider.resolve({ ...asked, component }, soon())).rejects.toThrow(
      /has no context "no-such-context"/,
    );
  });

  it('labels that match no pod are refused', async () => {
    const asked = request({ kind: 'kill' });
    const component = { ...componentOf(asked), labels: { app: 'nobody' } };
    await expect(provider.resolve({ ...asked, component }, soon())).rejects.toThrow(/matches no pod/);
  });

  it("pods on their node's network are refused", async () => {
    const labels = { app: 'host' };
    const containers = [{ name: 'main', image: 'squall/pause:local' }];
    const { namespace } = lab;
    await lab.core.createNamespacedPod({
      namespace,
      body: { metadata: { name: 'host', labels }, spec: { hostNetwork: true, containers } },
    });
    const asked = request({ kind: 'kill' });
    const component = { ...componentOf(asked), labels };
    await expect(provider.resolve({ ...asked, component }, soon())).rejects.toThrow(
      /host, which is protected/,
    );
    await lab.core.deleteNamespacedPod({ namespace, name: 'host', gracePeriodSeconds: 0 });
    await lab.settle();
  });

  function build(asked: ReturnType<typeof request>): ChaosObject {
    return buildObject(
      { ...asked, component: componentOf(asked), hit: { pods: ['web-1'], container: 'main' } },
      { name: objectName(asked.run, asked.fault.name), labels: objectLabels(asked.run, asked.fault.name) },
    );
  }

  async function cleanUp(prepared: PreparedFault, kind: string): Promise<void> {
    for (const record of prepared.undo) {
      const outcome = await provider.undo(record, soon());
      if (kind === 'http' && outcome.state === 'failed') await cleanUpByHand(outcome);
      else expect(outcome.state, outcome.detail).toBe('undone');
    }
    await prepared.observeEnd(soon(120_000));
  }

  /** Chaos Mesh never lets go of an HTTPChaos that it could not apply: squall must say so, and how a person does. */
  async function cleanUpByHand({ left }: UndoOutcome): Promise<void> {
    expect(left?.what).toMatch(/no pod was ever under the fault.*held by chaos-mesh\/records.*Apply failed/);
    const command = left?.command ?? '';
    // It is squall's account that the command names, and the role that ships may not do this.
    await expect(shell(command)).rejects.toThrow(/cannot patch resource "httpchaos"/);
    await lab.grant({ group: GROUP, resource: 'httpchaos', verbs: ['patch', 'update'] });
    await shell(command);
  }

  async function shell(command: string): Promise<void> {
    const path = `${process.env.PATH}:${join(homedir(), '.cache', 'squall-cluster', 'bin')}`;
    await execa('bash', ['-c', command], { env: { PATH: path }, timeout: 60_000, stdin: 'ignore' });
  }

  /** What is left of a fault that failed spoils others on the same pods: so this is the proof that nothing is. */
  async function expectPartitionWorks(): Promise<void> {
    await lab.settle();
    const { prepared } = await prepare({ kind: 'partition', component: 'link', for: '30s' });
    await prepared.act(soon());
    await prepared.observe(soon());
    await prepared.revert(soon());
    await waitFor('the connection', lab.connected, 20_000);
  }

  async function withKubeconfig(file: string, work: () => Promise<void>): Promise<void> {
    process.env.KUBECONFIG = file;
    try {
      await work();
    } finally {
      process.env.KUBECONFIG = lab.kubeconfig;
    }
  }
});

/** Acts in a process that is then killed, as an orchestrator may be. */
async function cutInAnotherProcess(run: string, namespace: string): Promise<void> {
  const script = await compile(new URL('./fixtures/cut-and-hang.ts', import.meta.url));
  const child = spawn(process.execPath, [script, run, namespace], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  expect(line.toString()).toContain('cut');
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** Inside node_modules, so that the packages are found from there. */
async function compile(source: URL): Promise<string> {
  const outfile = join(process.cwd(), 'node_modules', '.cache', `squall-test-${process.pid}.mjs`);
  await esbuild({
    entryPoints: [fileURLToPath(source)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  });
  return outfile;
}

/** The API server drops fields that the schema does not know; here they are errors. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  // `metadata` is described elsewhere.
  return 'properties' in schema &&
    !('additionalProperties' in schema) &&
    Object.keys(schema.properties as object).length > 0
    ? { ...copy, additionalProperties: false }
    : copy;
}
