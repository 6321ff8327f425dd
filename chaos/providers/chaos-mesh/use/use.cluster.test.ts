import { afterEach, describe, expect, it } from 'vitest';
import type { Target } from '../../../provider.ts';
import { contextOf } from '../../contract.ts';
import { hasCluster } from '../fixtures/lab.ts';
import { onLab, soon } from '../fixtures/on-lab.ts';
import { waitFor } from '../fixtures/wait-for.ts';

describe.skipIf(!hasCluster)('use, on a real cluster with the role that ships', () => {
  const on = onLab();
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  async function watched(fault: Record<string, unknown>) {
    const asked = on.request(fault);
    const { candidates } = await on.provider.resolve(asked, soon());
    const session = await on.provider.open(contextOf(asked), soon());
    const watch = session.watchUse?.(asked);
    if (watch === undefined) throw new Error('the provider watches no use');
    closing.push(() => watch.close());
    const began = Date.now();
    await watch.ready;
    const from = Date.now();
    const quiet = { from: began, to: from };
    const use = (targets: readonly Target[]) => watch.between(targets, { from, to: Date.now(), quiet });
    return { candidates, use };
  }

  it('the pod that serves is in use, an idle one beside it is not, health checks or not', async () => {
    const { candidates, use } = await watched({ kind: 'kill', component: 'pods' });
    const url = `http://${await on.lab.address('web')}:8080/index.html`;
    const pods = (await on.lab.core.listNamespacedPod({ namespace: on.lab.namespace })).items;
    const serving = pods.find(({ status }) => url.includes(`//${status?.podIP}:`))?.metadata?.uid;
    const [busy, idle] = [true, false].map((is) =>
      candidates.filter(({ identity }) => (identity.uid === serving) === is),
    );
    // Hundreds of requests: two a second could be health checks of somebody else.
    const ask = `for i in $(seq 1 200); do for j in 1 2 3 4; do wget -q -O /dev/null ${url}; done; sleep 0.1; done`;
    const asking = on.lab.run('client', ['sh', '-c', ask]);
    // It goes on while it is looked at: use has to be there most of the time.
    await waitFor('two looks', async () => (await use(idle ?? [])).inUse !== null, 60_000);
    const ofIdle = await use(idle ?? []);
    const ofBusy = await use(busy ?? []);
    expect(ofIdle, JSON.stringify(ofIdle)).toMatchObject({ inUse: false });
    expect(ofBusy, JSON.stringify(ofBusy)).toMatchObject({ inUse: true });
    expect((await use(candidates)).inUse).toBe(true);
    await asking;
  }, 120_000);

  it('what reads in the pods ends with the watch', async () => {
    const { use, candidates } = await watched({ kind: 'kill', component: 'pods' });
    await waitFor('two looks', async () => (await use(candidates)).inUse !== null, 60_000);
    const isRead = () => on.lab.run('web', ['sh', '-c', 'ps | grep -q "[s]quall-end-of-look"']);
    expect(await isRead()).toBe(true);
    for (const close of closing.splice(0)) await close();
    await waitFor('the end of the readers', async () => !(await isRead()), 10_000);
  }, 90_000);

  it('a link that carries something is in use, and one between pods that do not talk is not', async () => {
    const { candidates, use } = await watched({
      kind: 'latency',
      component: 'link',
      for: '5s',
      params: { delay: '50ms' },
    });
    await waitFor('an answer', async () => (await use(candidates)).inUse !== null, 30_000);
    const before = await use(candidates);
    expect(before, JSON.stringify(before)).toMatchObject({ inUse: false });
    const url = `http://${await on.lab.address('web')}:8080/index.html`;
    const ask = `for i in $(seq 1 150); do for j in 1 2 3 4; do wget -q -O /dev/null ${url}; done; sleep 0.1; done`;
    const asking = on.lab.run('client', ['sh', '-c', ask]);
    await waitFor('the use to be seen', async () => (await use(candidates)).inUse === true, 60_000);
    await asking;
  }, 180_000);
});
