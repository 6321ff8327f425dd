import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as esbuild } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { objectName } from '../../kubernetes/naming.ts';
import type { PreparedFault } from '../../provider.ts';
import { drill as drillSchema } from '../../schema/drill.ts';
import { hasCluster } from './fixtures/lab.ts';
import { onLab, soon } from './fixtures/on-lab.ts';
import { componentOf } from './fixtures/requests.ts';
import { waitFor } from './fixtures/wait-for.ts';
import { createChaosMeshProvider } from './provider.ts';

describe.skipIf(!hasCluster)('on a real cluster', () => {
  const on = onLab();

  it('a killed pod is replaced, and the recovery is measured from the pods', async () => {
    await on.lab.settle();
    const { prepared } = await on.prepare({ kind: 'kill' });
    const actedAt = Date.now();
    await prepared.act(soon());
    const gone = await prepared.observe(soon());
    const back = await prepared.observeEnd(soon());
    expect(gone.at).toBeGreaterThanOrEqual(actedAt);
    expect(back.at).toBeGreaterThan(gone.at);
    expect(back.seen.join('\n')).toMatch(/new uid .* is ready/);
    expect(await on.lab.residue()).toEqual([]);
  });

  it('a kill whose record Chaos Mesh cannot write is proven by what it told, and without that by nothing', async () => {
    await on.lab.settle();
    const allow = await on.lab.denyRecords();
    try {
      const { prepared, asked } = await on.prepare({ kind: 'kill' });
      await prepared.act(soon());
      expect((await prepared.observe(soon())).seen.join()).toMatch(
        /is (gone|being removed),.*could not write its record/,
      );
      await on.lab.forgetEvents(objectName(asked.run, asked.fault.name));
      await expect(prepared.observe(soon(15_000))).rejects.toThrow(
        /0 of 1 injected, though every pod that was to be killed is gone/,
      );
      expect((await prepared.observeEnd(soon())).seen.join()).toMatch(/new uid .* is ready/);
    } finally {
      await allow();
    }
    expect(await on.lab.residue()).toEqual([]);
  });

  it('a killed container starts again in the same pod', async () => {
    await on.lab.settle();
    const { prepared } = await on.prepare({ kind: 'container-kill' });
    await prepared.act(soon());
    expect((await prepared.observe(soon())).seen[0]).toMatch(/container main has ended/);
    await prepared.observeEnd(soon(120_000));
    expect(await on.lab.residue()).toEqual([]);
  }, 200_000);

  it('of a pod with several containers, the one that kubectl takes is killed', async () => {
    const annotations = { 'kubectl.kubernetes.io/default-container': 'app' };
    const remove = await on.lab.addPod('two', { app: 'two', annotations, containers: ['proxy', 'app'] });
    await waitFor('both containers', () => on.lab.isReady('two'));
    const asked = on.request({ kind: 'container-kill', params: { lastHealthy: true } });
    const component = { ...componentOf(asked), labels: { app: 'two' }, atMost: 1 };
    const { targets } = await on.provider.resolve({ ...asked, component }, soon());
    expect(targets[0]?.label).toMatch(/^two .*app/);
    const { prepared } = await on.prepareRequest({ ...asked, component });
    await prepared.act(soon());
    expect((await prepared.observe(soon())).seen[0]).toMatch(/container app has ended/);
    expect((await prepared.observeEnd(soon(120_000))).seen.join()).toMatch(/container app runs again/);
    await remove();
    expect(await on.lab.residue()).toEqual([]);
  }, 200_000);

  it('a partition cuts the link although one of its pods finds no node', async () => {
    await on.lab.settle();
    const remove = await on.lab.addPod('homeless', { nodeSelector: { 'test/nowhere': 'true' } });
    try {
      const { prepared } = await on.prepare({ kind: 'partition', component: 'link', for: '60s' });
      await cutsAndHeals(prepared);
    } finally {
      await remove();
    }
  });

  it('a partition cuts the link, both ways, and heals', async () => {
    await on.lab.settle();
    const { prepared } = await on.prepare({ kind: 'partition', component: 'link', for: '60s' });
    await cutsAndHeals(prepared);
  });

  it('a partition towards hosts cuts what goes there, and heals', async () => {
    await on.lab.settle();
    const asked = on.request({
      kind: 'partition',
      component: 'outside',
      for: '60s',
      params: { direction: 'to' },
    });
    const component = { ...componentOf(asked), to: { hosts: [await on.lab.address('client')] } };
    const { prepared } = await on.prepareRequest({ ...asked, component });
    await cutsAndHeals(prepared);
  });

  it('a bandwidth makes slow what was fast', async () => {
    await on.lab.settle();
    // One pod of three is hit, and it is the one that the client asks: both take the first by name.
    const fourMegabytes = ['dd', 'if=/dev/zero', 'of=/www/big', 'bs=1M', 'count=4'];
    expect(await on.lab.run('web', fourMegabytes)).toBe(true);
    expect(await on.lab.connected('big')).toBe(true);
    const { prepared } = await on.prepare({
      kind: 'bandwidth',
      for: '60s',
      params: { rate: '1MB/s', direction: 'to' },
    });
    await prepared.act(soon());
    await prepared.observe(soon());
    expect(await on.lab.connected('big')).toBe(false);
    await prepared.revert(soon());
    await prepared.observeEnd(soon());
    expect(await on.lab.connected('big')).toBe(true);
    expect(await on.lab.residue()).toEqual([]);
  });

  it('after SIGKILL in the middle of a partition, recovery by label alone leaves the cluster clean', async () => {
    await on.lab.settle();
    const asked = on.request({ kind: 'partition', component: 'link', for: '60s' });
    await cutInAnotherProcess(asked.run, on.lab.namespace);
    expect(await on.lab.connected()).toBe(false);
    const records =
      (await on.provider.findResidue?.({ environment: asked.environment, run: asked.run }, soon())) ?? [];
    expect(records).toHaveLength(1);
    const fresh = createChaosMeshProvider();
    for (const record of records) expect(await fresh.undo(record, soon())).toMatchObject({ state: 'undone' });
    for (const record of records)
      expect(await fresh.undo(record, soon())).toMatchObject({ state: 'nothing-to-undo' });
    await waitFor('the connection', on.lab.connected, 20_000);
    expect(await on.lab.residue()).toEqual([]);
  });

  it('when nobody is left to undo it, the server ends the partition by itself', {
    timeout: 200_000,
  }, async () => {
    await on.lab.settle();
    const asked = on.request({ kind: 'partition', component: 'link', for: '1s' });
    await cutInAnotherProcess(asked.run, on.lab.namespace);
    expect(await on.lab.connected()).toBe(false);
    await waitFor('the end by the duration of the object', on.lab.connected, 90_000);
    for (const record of (await on.provider.findResidue?.({ environment: asked.environment }, soon())) ??
      []) {
      await on.provider.undo(record, soon());
    }
    expect(await on.lab.residue()).toEqual([]);
  });

  it('a pod that is replaced in the middle of a freeze: it goes out, and nothing proves that it lasted', async () => {
    await on.lab.settle();
    const { prepared } = await on.prepare({ kind: 'freeze', for: '60s' });
    await prepared.act(soon());
    await prepared.observe(soon());
    await on.lab.deletePods();
    await prepared.revert(soon());
    await expect(prepared.observeEnd(soon())).rejects.toThrow(
      /was replaced .*nothing proves that freeze lasted/,
    );
    expect(await on.lab.residue()).toEqual([]);
  });

  it('a pod that joins a link in the middle of a partition is not cut off, and the partition proves nothing', async () => {
    await on.lab.settle();
    const { prepared } = await on.prepare({ kind: 'partition', component: 'link', for: '60s' });
    await prepared.act(soon());
    await prepared.observe(soon());
    const leave = await on.lab.addPod('late');
    await waitFor('the late client', () => on.lab.isReady('late'));
    await prepared.revert(soon());
    await expect(prepared.observeEnd(soon())).rejects.toThrow(/late joined the link later/);
    await leave();
    expect(await on.lab.residue()).toEqual([]);
  });

  it('an undo does not touch an object of the same name that is not of the run', async () => {
    const { prepared } = await on.prepare({ kind: 'partition', component: 'link', for: '10s' });
    const [record] = prepared.undo;
    await prepared.act(soon());
    const foreign = { ...record, data: { ...record?.data, run: 'another' } } as NonNullable<typeof record>;
    expect(await on.provider.undo(foreign, soon())).toMatchObject({ state: 'failed' });
    expect(await on.lab.residue()).not.toEqual([]);
    await prepared.revert(soon());
    expect(await on.lab.residue()).toEqual([]);
  });

  it('a rolling restart replaces every pod, and the probes see it', { timeout: 240_000 }, async () => {
    await on.lab.settle();
    const { asked, prepared } = await on.prepare({ kind: 'rollout' });
    const probe = async (fields: Record<string, unknown>) => {
      const [parsed] = drillSchema.parse({
        name: 'x',
        load: [{ scenario: 's' }],
        objectives: [{ name: 'o', errors: true, below: '1%' }],
        probes: [{ name: 'p', component: 'pods', within: '10s', ...fields }],
      }).probes;
      return await on.provider.probe?.({ ...asked, probe: parsed as never }, soon());
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

  async function cutsAndHeals(prepared: PreparedFault): Promise<void> {
    expect(await on.lab.connected()).toBe(true);
    await prepared.act(soon());
    await prepared.observe(soon());
    expect(await on.lab.connected()).toBe(false);
    await prepared.revert(soon());
    await prepared.observeEnd(soon());
    await waitFor('the connection', on.lab.connected, 20_000);
    expect(await on.lab.residue()).toEqual([]);
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
