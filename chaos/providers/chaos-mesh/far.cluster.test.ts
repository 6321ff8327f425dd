import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLab, hasCluster, type Lab } from './fixtures/lab.ts';
import { onLab, soon } from './fixtures/on-lab.ts';
import { componentOf } from './fixtures/requests.ts';
import { waitFor } from './fixtures/wait-for.ts';

describe.skipIf(!hasCluster)('a link into another namespace, on a real cluster', () => {
  const on = onLab();
  let far: Lab;
  beforeAll(async () => {
    far = await createLab();
  });
  afterAll(() => far?.close());

  it('is refused with every right that is missing there, and works with those that rbac.yaml names', async () => {
    const asked = on.request({ kind: 'partition', component: 'link', for: '60s' });
    const to = { namespace: far.namespace, labels: { app: 'web' } };
    const request = { ...asked, component: { ...componentOf(asked), to } };
    const refused = await on.provider.resolve(request, soon()).catch((error) => error);
    expect(refused).toMatchObject({ name: 'ProviderError', fix: expect.stringContaining('rbac.yaml') });
    for (const right of ['list pods', 'create networkchaos', 'list podnetworkchaos', 'patch podnetworkchaos'])
      expect(refused.message).toContain(`${right} in ${far.namespace}`);

    await far.admit(on.lab);
    const { prepared } = await on.prepareRequest(request);
    expect(await reached()).toBe(true);
    await prepared.act(soon());
    await prepared.observe(soon());
    expect(await reached()).toBe(false);
    await prepared.revert(soon());
    await prepared.observeEnd(soon());
    await waitFor('the connection', reached, 20_000);
    expect(await on.lab.residue()).toEqual([]);
    expect(await far.residue()).toEqual([]);
  }, 200_000);

  async function reached(): Promise<boolean> {
    const url = `http://${await far.address('web')}:8080/index.html`;
    return await on.lab.run('client', ['timeout', '1', 'wget', '-q', '-O', '/dev/null', url]);
  }
});
