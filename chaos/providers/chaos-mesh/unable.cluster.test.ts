import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { NoEvidenceError, type PreparedFault, type UndoOutcome } from '../../provider.ts';
import { hasCluster } from './fixtures/lab.ts';
import { onLab, soon } from './fixtures/on-lab.ts';
import { waitFor } from './fixtures/wait-for.ts';
import { GROUP } from './objects/types.ts';

describe.skipIf(!hasCluster)('on a real cluster, which may lack what a fault takes', () => {
  const on = onLab();

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
      await on.lab.settle();
      const { prepared } = await on.prepare(fault);
      await prepared.act(soon());
      const outcome = await prepared.observe(soon(30_000)).catch((error: Error) => error);
      if (outcome instanceof Error) {
        expect(outcome).toBeInstanceOf(NoEvidenceError);
        expect(outcome.message).toMatch(/Chaos Mesh: Apply failed at .+: .+/);
      } else expect(outcome.seen.join()).toMatch(/Apply succeeded/);
      console.info(`${fault.kind}: ${outcome instanceof Error ? outcome.message : outcome.seen.at(-1)}`);
      await cleanUp(prepared, fault.kind);
      expect(await on.lab.residue()).toEqual([]);
      await expectPartitionWorks();
    },
  );

  async function cleanUp(prepared: PreparedFault, kind: string): Promise<void> {
    for (const record of prepared.undo) {
      const outcome = await on.provider.undo(record, soon());
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
    await on.lab.grant({ group: GROUP, resource: 'httpchaos', verbs: ['patch', 'update'] });
    await shell(command);
  }

  async function shell(command: string): Promise<void> {
    const path = `${process.env.PATH}:${join(homedir(), '.cache', 'squall-cluster', 'bin')}`;
    await execa('bash', ['-c', command], { env: { PATH: path }, timeout: 60_000, stdin: 'ignore' });
  }

  /** What is left of a fault that failed spoils others on the same pods: so this is the proof that nothing is. */
  async function expectPartitionWorks(): Promise<void> {
    await on.lab.settle();
    const { prepared } = await on.prepare({ kind: 'partition', component: 'link', for: '30s' });
    await prepared.act(soon());
    await prepared.observe(soon());
    await prepared.revert(soon());
    await waitFor('the connection', on.lab.connected, 20_000);
  }
});
