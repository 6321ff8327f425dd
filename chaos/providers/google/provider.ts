import { many } from '../../many.ts';
import type { ComponentProbe } from '../../probes/index.ts';
import { isWithinLevel } from '../../probes/level.ts';
import { isWithinReplicas } from '../../probes/replicas.ts';
import type { ProbeReading, Provider } from '../../provider.ts';
import { refuse } from './ask.ts';
import { type GoogleCalls, googleCalls, type Point } from './calls.ts';
import type { CloudRunPlace, MetricPlace } from './component.ts';
import { readCost } from './costs.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

const DAY_MS = 86_400_000;

/** Looks at services of Cloud Run, at metrics of Cloud Monitoring and at costs. It does no faults. */
export function createGoogleProvider(): Provider {
  const known = new Map<string, GoogleCalls>();
  /** Each question to BigQuery costs something, and the answer changes once a day. */
  const asked = new Map<string, Promise<ProbeReading>>();
  return {
    name: 'google',
    async resolve({ componentName }) {
      throw refuse(
        `no fault hits component ${componentName}`,
        'it is for probes; what runs on GKE is hit by provider chaos-mesh',
      );
    },
    async open() {
      return {
        async prepare({ componentName }) {
          throw refuse(`no fault hits component ${componentName}`, 'it is for probes');
        },
        async close() {},
      };
    },
    async undo({ action }) {
      return { state: 'failed', detail: `the provider google knows no undo by the name of ${action}` };
    },
    async probe({ probe, component, environment, since }, signal) {
      if (component.provider !== 'google')
        throw refuse(`${probe.component} is not on Google Cloud`, 'ask its provider');
      if (environment.google === undefined) {
        throw refuse(
          `the environment "${environment.name}" names no project`,
          'add `google: { project: … }` to it',
        );
      }
      const key = JSON.stringify(environment.google);
      const calls = known.get(key) ?? googleCalls(environment.google);
      known.set(key, calls);
      const { cloudRun, metric, costs } = component;
      if (cloudRun !== undefined) return await readService(calls, probe, cloudRun, signal, since);
      if (metric !== undefined && probe.kind === 'level')
        return await readLevel(calls, probe, metric, signal, since);
      if (costs !== undefined && probe.kind === 'cost') {
        const yesterday = new Date(Date.now() - DAY_MS).toISOString().slice(0, 10);
        const question = JSON.stringify([key, costs, probe, yesterday]);
        const answer = asked.get(question) ?? readCost(environment.google, probe, costs, yesterday, signal);
        asked.set(question, answer);
        answer.catch(() => asked.delete(question));
        return await answer;
      }
      throw refuse(
        `${probe.component} answers no probe of kind ${probe.kind}`,
        'a metric answers probes of kind level, costs those of kind cost',
      );
    },
  };
}

async function readService(
  calls: GoogleCalls,
  probe: ComponentProbe,
  place: CloudRunPlace,
  signal: AbortSignal,
  since?: number,
): Promise<ProbeReading> {
  const found = await calls.service(place, signal);
  if (found === undefined) {
    throw refuse(
      `there is no service ${place.service} in ${place.region}`,
      'correct `cloudRun` of the component',
    );
  }
  const { reconciling, state, isObserved, latestReady, latestCreated, shares } = found;
  if (probe.kind === 'rollout' || probe.kind === 'ready-within') {
    const ok = !reconciling && isObserved && state === 'CONDITION_SUCCEEDED' && latestReady === latestCreated;
    const why = found.message === '' ? '' : `: ${found.message}`;
    return {
      ok,
      detail: `${latestCreated} is the newest revision, ${latestReady} the newest that is ready, ${state}${why}`,
    };
  }
  if (probe.kind === 'traffic') {
    const revision = probe.revision ?? latestReady;
    const share = shares.get(revision) ?? 0;
    const detail = `${share} % to ${revision}${reconciling ? ', and it is being changed' : ''}`;
    return { ok: !reconciling && share >= probe.from && share <= probe.to, detail };
  }
  if (probe.kind === 'replicas') {
    const [newest] = await pointsOf((from, to) => calls.instances(place, from, to, signal), MINUTE_MS, since);
    if (newest === undefined)
      return { ok: false, detail: 'Google names no number of instances yet, which it does minutes late' };
    return {
      ok: isWithinReplicas(probe, newest.value),
      detail: `${many(newest.value, 'instance')} at ${new Date(newest.to).toISOString()}`,
    };
  }
  throw refuse(
    `${probe.component} answers no probe of kind ${probe.kind}`,
    'a service of Cloud Run answers rollout, ready-within, replicas and traffic',
  );
}

async function readLevel(
  calls: GoogleCalls,
  probe: Extract<ComponentProbe, { kind: 'level' }>,
  metric: MetricPlace,
  signal: AbortSignal,
  since?: number,
): Promise<ProbeReading> {
  const points = await pointsOf((from, to) => calls.values(metric, from, to, signal), metric.period, since);
  const [newest] = points;
  if (newest === undefined) {
    if (since !== undefined)
      return { ok: false, detail: `${metric.type} has no value yet of a period since the start` };
    throw refuse(
      `${metric.type} has had no value for an hour`,
      'correct type and resource of the component; a metric that comes only with events cannot be asked before the first',
    );
  }
  if (since === undefined) return { ok: true, detail: `${metric.type} has values` };
  return {
    ok: isWithinLevel(probe, newest.value),
    detail: `${metric.aligner} of ${metric.type} is ${Number(newest.value.toPrecision(3))} in the time to ${new Date(newest.to).toISOString()}`,
  };
}

/** Those of periods that began after the start and are over; of the last hour, where there is no start yet. */
async function pointsOf(
  ask: (from: number, to: number) => Promise<readonly Point[]>,
  periodMs: number,
  since: number | undefined,
): Promise<readonly Point[]> {
  const now = Date.now();
  const points = await ask((since ?? now - HOUR_MS) - periodMs, now);
  if (since === undefined) return points;
  // An instant that Google measures has no beginning of its own.
  return points.filter(
    ({ from, to, value }) => Math.min(from, to - periodMs) >= since && to <= now && Number.isFinite(value),
  );
}
