import { Counter } from 'prom-client';
import { signal } from '../../lib/identity.ts';
import { type NodeService, services } from '../../lib/inventory.ts';
import { readRecord } from '../../lib/process.ts';
import { readRelease, versionOf, writeRelease } from '../../lib/release.ts';
import { HttpError, type Service } from '../../lib/service.ts';
import { origin } from '../../lib/testbed.ts';
import type { Control } from '../context.ts';
import { answersOf, countsOf, since, type VersionCounts, whatIsWrong } from './compare.ts';
import { admit, replace } from './replace.ts';
import { notLookedAt, type Smoke, smoke } from './smoke.ts';

export interface ReleaseState {
  /** The newest one that was deployed; null: none yet. */
  readonly version: string | null;
  readonly phase:
    | 'none'
    | 'starting'
    | 'canary'
    | 'promoting'
    | 'complete'
    | 'refused'
    | 'rolling back'
    | 'rolled back';
  readonly smoke: Smoke;
  /** Users' requests that it answered before all of that was good. */
  readonly unsmoked: number;
  /** Why it was refused or rolled back. */
  readonly reason: string;
}

export interface Releases {
  /** Starts a version on one gateway; it goes on by itself. @throws HttpError while another one is on its way */
  deploy(version: string): void;
  /** Once a round: is the candidate as good as the others? */
  watch(): Promise<void>;
  /** A process that is being replaced is gone for a moment. */
  isChanging(instance: string): boolean;
  state(): ReleaseState;
}

const gateways = services.filter(({ component }) => component === 'gateway');
const canary = gateways.at(-1) as NodeService;
const others = gateways.slice(0, -1);
/** How often a version is looked at before it gets traffic. */
const SMOKES = 20;

/**
 * Deployments of the gateways: a new version is looked at, then gets a part of the load for `canary-for-ms` beside the old one, and then
 * takes over. One that is worse is rolled back, by the round that notices.
 */
export function createReleases(control: Control, { registry }: Pick<Service, 'registry'>): Releases {
  const { testbed, incidents, settings } = control;
  const changing = new Set<string>();
  let state: ReleaseState = { version: null, phase: 'none', smoke: notLookedAt, unsmoked: 0, reason: '' };
  let old = '';
  let beside0: { readonly at: number; readonly old: VersionCounts } | undefined;
  const begun = new Counter({
    name: 'control_deployments_total',
    help: 'Deployments that were begun',
    registers: [registry],
  });
  const rollbacks = new Counter({
    name: 'control_rollbacks_total',
    help: 'Versions that were rolled back by the control loop',
    registers: [registry],
  });

  return {
    deploy(version) {
      if (['starting', 'canary', 'promoting', 'rolling back'].includes(state.phase))
        throw new HttpError(409, `${state.version} is on its way`);
      old = versionOf(readRelease(testbed.dir), canary.name);
      if (version === old) throw new HttpError(409, `${version} is there already`);
      writeRelease(testbed.dir, { ...readRelease(testbed.dir), candidate: version });
      state = { version, phase: 'starting', smoke: notLookedAt, unsmoked: 0, reason: '' };
      begun.inc();
      void start(version).catch((error: Error) => giveUp(canary, error));
    },
    async watch() {
      const { version } = state;
      if (state.phase !== 'canary' || version === null || beside0 === undefined) return;
      const [now, before] = [
        await read(canary, version),
        since(await read(others[0] as NodeService, old), beside0.old),
      ];
      if (Object.values(state.smoke).includes('not looked at'))
        state = { ...state, unsmoked: answersOf(now) };
      const wrong = whatIsWrong(before, now, settings()['canary-answers']);
      if (wrong !== undefined && !settings()['never-roll-back']) void rollBack(version, wrong);
      else if (
        performance.now() - beside0.at >= settings()['canary-for-ms'] &&
        answersOf(now) >= settings()['canary-answers']
      )
        promote(version);
    },
    isChanging: (instance) => changing.has(instance),
    state: () => state,
  };

  async function start(version: string): Promise<void> {
    await change(canary, version, async () => {
      if (settings()['skip-smoke']) return;
      const looked = await warmed(canary.name);
      state = { ...state, smoke: looked, unsmoked: answersOf(await read(canary, version)) };
    });
    if (Object.values(state.smoke).includes('failed')) {
      const failed = Object.entries(state.smoke).flatMap(([part, how]) => (how === 'failed' ? [part] : []));
      await change(canary, old);
      await admitted(canary);
      finish('refused', `before it got traffic: ${failed.join(', ')}`);
      return;
    }
    const beside = await read(others[0] as NodeService, old);
    await admitted(canary);
    beside0 = { at: performance.now(), old: beside };
    state = { ...state, phase: 'canary' };
  }

  /** Code that has never run is slow: the first users would wait for it, and so would the load balancer's checks. */
  async function warmed(name: NodeService['name']): Promise<Smoke> {
    let looked = await smoke(testbed, name);
    for (let time = 1; time < SMOKES && !Object.values(looked).includes('failed'); time += 1)
      looked = await smoke(testbed, name);
    return looked;
  }

  function promote(version: string): void {
    state = { ...state, phase: 'promoting' };
    const work = async () => {
      for (const gateway of others) {
        await change(gateway, version);
        await admitted(gateway);
      }
      finish('complete', '');
    };
    void work().catch((error: Error) => giveUp(others[0] as NodeService, error));
  }

  /** It did not get ready: the old version gets its place, and the rounds see to it. */
  function giveUp({ name }: NodeService, error: Error): void {
    control.log.error({ err: error, version: state.version }, 'a deployment failed');
    const release = readRelease(testbed.dir);
    const back = { version: old, admitted: true };
    writeRelease(testbed.dir, { ...release, gateways: { ...release.gateways, [name]: back } });
    const record = readRecord(testbed.dir, name);
    if (record !== undefined) signal(record, 'SIGKILL');
    changing.delete(name);
    finish('refused', error.message);
  }

  async function rollBack(version: string, reason: string): Promise<void> {
    const about = { component: canary.component, instance: canary.name };
    const correlationId = incidents.fire(`release:${version}`, {
      alertname: 'BadVersion',
      severity: 'warning',
      summary: `${version}: ${reason}`,
      ...about,
    });
    state = { ...state, phase: 'rolling back', reason };
    const wasDone = await control.act(
      { action: `roll back ${version}`, correlationId, ...about },
      async () => {
        await change(canary, old);
        await admitted(canary);
      },
    );
    // With the kill switch on it is tried again in the next round.
    if (!wasDone) {
      state = { ...state, phase: 'canary' };
      return;
    }
    rollbacks.inc();
    incidents.resolve(`release:${version}`);
    finish('rolled back', reason);
  }

  /** `before` is done when it runs, and before anybody else may use it. */
  async function change(gateway: NodeService, version: string, before?: () => Promise<void>): Promise<void> {
    changing.add(gateway.name);
    await replace(testbed, gateway, version);
    await before?.();
  }

  async function admitted(gateway: NodeService): Promise<void> {
    await admit(testbed, gateway);
    changing.delete(gateway.name);
  }

  function finish(phase: ReleaseState['phase'], reason: string): void {
    writeRelease(testbed.dir, { ...readRelease(testbed.dir), candidate: null });
    state = { ...state, phase, reason };
  }

  async function read({ name }: NodeService, version: string): Promise<VersionCounts> {
    const response = await fetch(`${origin(testbed, name)}/metrics`, { signal: AbortSignal.timeout(2_000) });
    return countsOf(await response.text(), version);
  }
}
