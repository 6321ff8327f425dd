import { limits } from '../../../thresholds/soak.ts';
import { countedCounter, countedValues } from '../objectives/counted.ts';
import type { Due } from '../objectives/k6-thresholds.ts';
import { durationFrom, numberFrom, shareFrom, textFrom } from '../runtime/env.ts';
import { Counter, sleep } from '../runtime/k6.ts';
import { mostUnreadMs, pagesNamed, textOf } from './page.ts';
import { gauge } from './prometheus.ts';
import { trend } from './trend.ts';

/**
 * Watches resident memory and processor of services through their `/metrics` (the names that Prometheus clients use), for a given
 * time, and judges the trend at its end. `-e METRICS=name=URL,name=URL` says where they are.
 */
export interface MonitorRequest {
  readonly durationMs: number;
  /** `vocal-coach=http://127.0.0.1:9072/metrics,…` */
  readonly targets: string;
  /** The share of one processor that a service may use on average, unless CPU_LIMIT says otherwise; left out: that of a soak. */
  readonly cpuShare?: number;
}

const everyMs = durationFrom('SAMPLE_EVERY', 1_000, 10);
const minGrowth = shareFrom('MEMORY_GROWTH', limits.memoryGrowth);
const memoryLimit = numberFrom('MEMORY_LIMIT_MB', limits.memoryMb, { min: 1 }) * 1e6;

const memory = countedValues('target_memory_mb');
const trendUp = countedCounter('memory_trend_up');
const aboveLimit = countedCounter('memory_above_limit');
const cpuAbove = countedCounter('cpu_average_above_limit');
/** One for each service that was read during the whole run. */
const watchedThroughout = new Counter('target_watched');

interface Watched {
  readonly service: string;
  readonly url: string;
  readonly memory: { atMs: number; value: number }[];
  firstCpu: { atMs: number; seconds: number } | null;
  lastCpu: { atMs: number; seconds: number } | null;
  /** How long it could not be read. */
  unreadMs: number;
}

/** One virtual user does this in one iteration. */
export const monitor = ({ durationMs, targets, cpuShare = limits.cpuShare }: MonitorRequest): void => {
  const cpuLimit = shareFrom('CPU_LIMIT', cpuShare);
  const watched = parseTargets(textFrom('METRICS', targets));
  const end = Date.now() + durationMs;
  // Readings that a slow page has delayed are skipped: catching up on them would outlast the run.
  for (let due = Date.now(); due < end; due = Math.max(due + everyMs, Date.now())) {
    const roundAt = Date.now();
    const unread = watched.filter((one) => !sample(one));
    sleep(Math.max(0, due + everyMs - Date.now()) / 1000);
    for (const one of unread) one.unreadMs += Date.now() - roundAt;
  }
  for (const one of watched) {
    judge(one, cpuLimit);
    if (one.unreadMs <= mostUnreadMs(durationMs)) watchedThroughout.add(1, { service: one.service });
    else
      console.error(
        `${one.service}: its page could not be read for ${(one.unreadMs / 1000).toFixed(1)} s: ${one.url}`,
      );
  }
};

/** Every service is due: one that was not read, or not to the end, has not kept within its limits. */
export const ofEachService = (targets: string): Due => ({
  tag: 'service',
  values: parseTargets(textFrom('METRICS', targets)).map(({ service }) => service),
  of: 'target_watched',
});

/** @returns whether its memory could be read. */
const sample = (one: Watched): boolean => {
  const text = textOf(one.url) ?? '';
  const atMs = Date.now();
  const bytes = gauge(text, 'process_resident_memory_bytes');
  if (bytes !== null) {
    one.memory.push({ atMs, value: bytes });
    memory.add(bytes / 1e6, { service: one.service });
    aboveLimit.add(bytes > memoryLimit ? 1 : 0, { service: one.service });
  }
  const seconds = gauge(text, 'process_cpu_seconds_total');
  if (seconds !== null) {
    one.lastCpu = { atMs, seconds };
    // A service that was restarted counts from zero again.
    if (one.firstCpu === null || seconds < one.firstCpu.seconds) one.firstCpu = one.lastCpu;
  }
  return bytes !== null;
};

const judge = ({ service, memory: points, firstCpu, lastCpu }: Watched, cpuLimit: number): void => {
  // Too few points prove nothing: without a sample of the counter the objective is INVALID.
  if (points.length >= 10) {
    const found = trend(points, { minGrowth });
    trendUp.add(found.rising ? 1 : 0, { service });
    console.info(
      `${service}: memory ${(found.slopePerHour / 1e6).toFixed(1)} MB/h, p ${found.p.toFixed(4)}, growth ${(100 * found.growth).toFixed(1)}%`,
    );
  } else console.error(`${service}: ${points.length} samples of its memory; 10 are needed to see a trend`);
  if (firstCpu !== null && lastCpu !== null && lastCpu.atMs > firstCpu.atMs) {
    const share = (1000 * (lastCpu.seconds - firstCpu.seconds)) / (lastCpu.atMs - firstCpu.atMs);
    cpuAbove.add(share > cpuLimit ? 1 : 0, { service });
    console.info(`${service}: processor ${(100 * share).toFixed(1)}% of a core`);
  }
};

const parseTargets = (text: string): Watched[] =>
  pagesNamed('METRICS', text).map(({ name, url }) => ({
    service: name,
    url,
    memory: [],
    firstCpu: null,
    lastCpu: null,
    unreadMs: 0,
  }));
