import { afterEach, describe, expect, it } from 'vitest';
import {
  type FaultRequest,
  NoEvidenceError,
  type PreparedFault,
  type Provider,
  type ProviderSession,
  type Resolution,
  type SessionContext,
  type Target,
  type UndoRecord,
} from '../provider.ts';

/** A real target, if a small one, made for one test of one kind of fault. */
export interface ContractWorld {
  readonly request: FaultRequest;
  /** What must be the same before and after whatever only reads, e.g. states of processes and contents of files. */
  readonly snapshot: () => unknown | Promise<unknown>;
  /** What a fault needs to show and to end: traffic over a link, a supervisor that restarts what was killed. Stopped by `close`. */
  readonly exercise?: () => void;
  /** The target goes away by itself, as in a crash. Left out where there is no such thing. */
  readonly crash?: () => void | Promise<void>;
  /** Processes, descriptors, ports and files that are there because of the fault: all must be gone at the end. */
  readonly residue: () => readonly string[] | Promise<readonly string[]>;
  close(): void | Promise<void>;
}

export interface ContractCase {
  readonly title: string;
  readonly create: () => ContractWorld | Promise<ContractWorld>;
  /** How long the effect may take to show, or to end. */
  readonly deadlineMs: number;
  /** How long to wait for evidence that must not come. */
  readonly sabotageMs?: number;
  /** A fault that lasts, and whose provider knows when somebody else has taken it out before squall did. */
  readonly knowsEarlyEnd?: boolean;
  /** A request that must be refused when resolving, e.g. more targets than there are. */
  readonly refused?: (request: FaultRequest) => FaultRequest;
}

/** What the run relies on, whatever the provider: every provider's test calls this with cases of its own. */
export function describeProviderContract(
  name: string,
  { createProvider, cases }: { createProvider: () => Provider; cases: readonly ContractCase[] },
): void {
  describe(`the provider ${name}`, () => {
    const cleanups: (() => unknown)[] = [];
    afterEach(async () => {
      for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
    });

    it('fails an undo that it does not know, without throwing', async () => {
      const record: UndoRecord = {
        id: 'unknown',
        provider: name,
        fault: 'unknown',
        action: 'no such action',
        data: {},
        describe: 'undo something unknown',
        command: 'true',
      };
      const outcome = await createProvider().undo(record, AbortSignal.timeout(1000));
      expect(outcome.state).toBe('failed');
    });

    for (const { title, create, deadlineMs, sabotageMs = 400, refused, knowsEarlyEnd } of cases) {
      const timeout = deadlineMs * 4 + 20_000;

      it(`${title}: resolving reads only, and names the targets by an identity`, { timeout }, async () => {
        const { provider, world } = await start();
        const before = await world.snapshot();
        const first = await provider.resolve(world.request, within());
        const second = await provider.resolve(world.request, within());
        expect(await world.snapshot()).toEqual(before);
        expect(atAnyMoment(second)).toEqual(atAnyMoment(first));
        expectTargets(first);
      });

      if (refused) {
        it(`${title}: refuses what it cannot do when resolving, and says how to put it right`, {
          timeout,
        }, async () => {
          const { provider, world } = await start();
          const before = await world.snapshot();
          const error = await provider.resolve(refused(world.request), within()).catch((reason) => reason);
          expect(error).toMatchObject({ name: 'ProviderError', fix: expect.stringMatching(/\w/) });
          expect(await world.snapshot()).toEqual(before);
        });
      }

      it(`${title}: preparing has no effect, and closing without acting leaves nothing`, {
        timeout,
      }, async () => {
        const { provider, world } = await start();
        const untouched = await world.snapshot();
        const session = await open(provider, world);
        const opened = await world.snapshot();
        const { targets } = await provider.resolve(world.request, within());
        const prepared = await session.prepare(world.request, targets, within());
        expectRecords(prepared.undo);
        expect(await world.snapshot()).toEqual(opened);
        await session.close();
        expect(await world.snapshot()).toEqual(untouched);
        expect(await world.residue()).toEqual([]);
      });

      it(`${title}: is seen to go in and to go out`, { timeout }, async () => {
        const { world, session, prepared } = await ready();
        world.exercise?.();
        const actedAt = Date.now();
        await prepared.act(within());
        const injected = await prepared.observe(within());
        expectEvidence(injected, actedAt);
        await prepared.revert(within());
        await prepared.revert(within());
        const ended = await prepared.observeEnd(within());
        expectEvidence(ended, injected.at);
        await session.close();
        expect(await world.residue()).toEqual([]);
      });

      it(`${title}: with the effect replaced by nothing there is no evidence`, { timeout }, async () => {
        const { world, session, prepared } = await ready();
        world.exercise?.();
        await expect(prepared.observe(AbortSignal.timeout(sabotageMs))).rejects.toThrow(NoEvidenceError);
        await prepared.revert(within());
        await session.close();
        expect(await world.residue()).toEqual([]);
      });

      it(`${title}: acting, reverting and undoing twice is the same as once`, { timeout }, async () => {
        const { provider, world, session, prepared } = await ready();
        world.exercise?.();
        await prepared.act(within());
        await prepared.act(within());
        await prepared.observe(within());
        for (const record of prepared.undo) {
          expect((await provider.undo(record, within())).state).toBe('undone');
          expect((await provider.undo(record, within())).state).toBe('nothing-to-undo');
        }
        await prepared.revert(within());
        await prepared.revert(within());
        const ended = prepared.observeEnd(within());
        if (knowsEarlyEnd) await expect(ended).rejects.toThrow(NoEvidenceError);
        else await ended;
        for (const record of prepared.undo) {
          expect((await provider.undo(record, within())).state).toBe('nothing-to-undo');
        }
        await session.close();
        expect(await world.residue()).toEqual([]);
      });

      it(`${title}: an undo before the fault went in finds nothing to undo`, { timeout }, async () => {
        const { provider, world, session, prepared } = await ready();
        for (const record of prepared.undo) {
          // Helpers that were started and wait are taken away too: that counts as undone.
          expect((await provider.undo(record, within())).state).not.toBe('failed');
          expect((await provider.undo(record, within())).state).toBe('nothing-to-undo');
        }
        await session.close();
        expect(await world.residue()).toEqual([]);
      });

      it(`${title}: does nothing on a signal that is aborted already`, { timeout }, async () => {
        const { provider, world, session, prepared } = await ready();
        const before = await world.snapshot();
        await expect(provider.resolve(world.request, AbortSignal.abort())).rejects.toThrow();
        await expect(prepared.act(AbortSignal.abort())).rejects.toThrow();
        await expect(prepared.observe(AbortSignal.abort())).rejects.toThrow(NoEvidenceError);
        expect(await world.snapshot()).toEqual(before);
        await session.close();
      });

      it(`${title}: stops waiting for evidence when told to`, { timeout }, async () => {
        const { session, prepared } = await ready();
        const controller = new AbortController();
        const waiting = prepared.observe(controller.signal);
        setImmediate(() => controller.abort());
        await expect(waiting).rejects.toThrow(NoEvidenceError);
        await session.close();
      });

      it(`${title}: survives its target going away in the middle`, { timeout }, async (context) => {
        const { provider, world, session, prepared } = await ready();
        if (world.crash === undefined) return context.skip('this target cannot go away by itself');
        world.exercise?.();
        await prepared.act(within());
        await prepared.observe(within());
        await world.crash();
        await prepared.revert(within());
        for (const record of prepared.undo) {
          expect((await provider.undo(record, within())).state).toBe('nothing-to-undo');
        }
        await session.close();
        expect(await world.residue()).toEqual([]);
      });

      async function start(): Promise<{ provider: Provider; world: ContractWorld }> {
        const world = await create();
        cleanups.push(() => world.close());
        return { provider: createProvider(), world };
      }

      async function ready(): Promise<{
        provider: Provider;
        world: ContractWorld;
        session: ProviderSession;
        prepared: PreparedFault;
      }> {
        const { provider, world } = await start();
        const session = await open(provider, world);
        const { targets } = await provider.resolve(world.request, within());
        return {
          provider,
          world,
          session,
          prepared: await session.prepare(world.request, targets, within()),
        };
      }

      async function open(provider: Provider, world: ContractWorld): Promise<ProviderSession> {
        const session = await provider.open(contextOf(world.request), within());
        await session.announce?.();
        cleanups.push(() => session.close());
        return session;
      }

      function within(): AbortSignal {
        return AbortSignal.timeout(deadlineMs);
      }
    }
  });
}

/** Without what readers are told of the moment: who is connected, which children a process has. */
function atAnyMoment({ candidates, targets, healthy }: Resolution) {
  const bare = (all: readonly Target[]) => all.map(({ details: _, ...target }) => target);
  return { candidates: bare(candidates), targets: bare(targets), healthy };
}

/** A context without journal or guardian: what is armed is only remembered. */
export function contextOf(
  request: FaultRequest,
): SessionContext & { readonly armed: Map<string, UndoRecord> } {
  const armed = new Map<string, UndoRecord>();
  return {
    run: request.run,
    environment: request.environment,
    components: { [request.componentName]: request.component },
    arm: async (record) => void armed.set(record.id, record),
    disarm: async (record) => void armed.delete(record.id),
    armed,
  };
}

function expectTargets({ candidates, targets, healthy }: Resolution): void {
  expect(targets.length).toBeGreaterThan(0);
  expect(healthy).toBe(candidates.filter((candidate) => candidate.healthy).length);
  for (const target of targets) {
    expect(candidates).toContainEqual(target);
    expect(target.label).toMatch(/\w/);
    expect(Object.keys(target.identity)).not.toEqual([]);
  }
}

/** A record must survive the way through a file, and be of use to a person. */
function expectRecords(records: readonly UndoRecord[]): void {
  expect(new Set(records.map(({ id }) => id)).size).toBe(records.length);
  for (const record of records) {
    expect(JSON.parse(JSON.stringify(record))).toEqual(record);
    expect(record.describe).toMatch(/\w/);
    expect(record.command).toMatch(/\w/);
  }
}

function expectEvidence({ at, seen }: { at: number; seen: readonly string[] }, notBefore: number): void {
  expect(at).toBeGreaterThanOrEqual(notBefore - 1);
  expect(at).toBeLessThanOrEqual(Date.now() + 1);
  expect(seen.length).toBeGreaterThan(0);
  for (const sentence of seen) expect(sentence).toMatch(/\w/);
}
