import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { objectLabels, objectName } from '../../kubernetes/naming.ts';
import { drill as drillSchema } from '../../schema/drill.ts';
import { type ContractCase, describeProviderContract } from '../contract.ts';
import { connect } from './cluster.ts';
import { adminConfig, hasCluster, writeKubeconfig } from './fixtures/lab.ts';
import { onLab, soon } from './fixtures/on-lab.ts';
import { componentOf, everyFault, makeEnvironment, makeRequest } from './fixtures/requests.ts';
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

describe.skipIf(!hasCluster)('Chaos Mesh on a real cluster', () => {
  const on = onLab();

  const contractCase = (fault: Record<string, unknown>, refused?: Record<string, unknown>): ContractCase => ({
    title: `${fault.kind}`,
    deadlineMs: 60_000,
    sabotageMs: 2_000,
    knowsEarlyEnd: 'for' in fault,
    async create() {
      await on.lab.settle();
      return {
        request: on.request(fault),
        snapshot: on.lab.snapshot,
        residue: on.lab.residue,
        crash: on.lab.deletePods,
        close: on.lab.clear,
      };
    },
    ...(refused === undefined ? {} : { refused: () => on.request(refused) }),
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
      const object = build(on.request(fault));
      const crd = await on.lab.extensions.readCustomResourceDefinition({
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
    await on.lab.settle();
    const cluster = await connect({});
    for (const fault of everyFault) {
      const created = await cluster.create(build(on.request(fault)), { dryRun: true }, soon());
      expect(created.kind).toBe(build(on.request(fault)).kind);
    }
    expect(await on.lab.residue()).toEqual([]);
  });

  it("a malformed object is refused by squall first, and without squall's check by the webhook, whose words are passed on", async () => {
    const good = build(on.request({ kind: 'partition', component: 'link', for: '10s' }));
    const malformed = { ...good, spec: { ...good.spec, mode: 'fixed' } } as ChaosObject;
    expect(() => checkObject(malformed, [on.lab.namespace])).toThrow(/mode fixed needs a value/);
    const cluster = await connect({});
    await expect(cluster.create(malformed, { dryRun: false }, soon())).rejects.toThrow(
      /vnetworkchaos\.kb\.io.*denied the request/,
    );
    expect(await on.lab.residue()).toEqual([]);
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
    const body = parse(
      exportWorkflow({ drill, environment: makeEnvironment(on.lab.namespace, '50%', 'main') }),
    );
    const create = (object: unknown) =>
      on.lab.custom.createNamespacedCustomObject({
        group: GROUP,
        version: VERSION,
        namespace: on.lab.namespace,
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
    await expect(on.provider.resolve(asked, soon())).rejects.toMatchObject({
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
    const asked = on.request({ kind: 'kill' });
    const file = join(tmpdir(), `${asked.run}.kubeconfig`);
    writeKubeconfig(file, adminConfig(), change);
    await withKubeconfig(file, async () => {
      const refusal = await on.provider.resolve(asked, soon()).catch((error) => error);
      expect(refusal).toMatchObject({
        name: 'ProviderError',
        message: expect.stringMatching(message),
        fix: expect.stringMatching(/\w/),
      });
    });
  });

  it('a context that is not in the kubeconfig is refused', async () => {
    const asked = on.request({ kind: 'kill' });
    const component = { ...componentOf(asked), context: 'no-such-context' };
    await expect(on.provider.resolve({ ...asked, component }, soon())).rejects.toThrow(
      /has no context "no-such-context"/,
    );
  });

  it('labels that match no pod are refused', async () => {
    const asked = on.request({ kind: 'kill' });
    const component = { ...componentOf(asked), labels: { app: 'nobody' } };
    await expect(on.provider.resolve({ ...asked, component }, soon())).rejects.toThrow(/matches no pod/);
  });

  it("pods on their node's network are refused", async () => {
    const labels = { app: 'host' };
    const containers = [{ name: 'main', image: 'squall/pause:local' }];
    const { namespace } = on.lab;
    await on.lab.core.createNamespacedPod({
      namespace,
      body: { metadata: { name: 'host', labels }, spec: { hostNetwork: true, containers } },
    });
    const asked = on.request({ kind: 'kill' });
    const component = { ...componentOf(asked), labels };
    await expect(on.provider.resolve({ ...asked, component }, soon())).rejects.toThrow(
      /host, which is protected/,
    );
    await on.lab.core.deleteNamespacedPod({ namespace, name: 'host', gracePeriodSeconds: 0 });
    await on.lab.settle();
  });

  function build(asked: ReturnType<typeof on.request>): ChaosObject {
    return buildObject(
      { ...asked, component: componentOf(asked), hit: { pods: ['web-1'], container: 'main' } },
      { name: objectName(asked.run, asked.fault.name), labels: objectLabels(asked.run, asked.fault.name) },
    );
  }

  async function withKubeconfig(file: string, work: () => Promise<void>): Promise<void> {
    process.env.KUBECONFIG = file;
    try {
      await work();
    } finally {
      process.env.KUBECONFIG = on.lab.kubeconfig;
    }
  }
});

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
