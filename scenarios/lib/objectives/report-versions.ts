import { durationFrom } from '../runtime/env.ts';
import { compareVersions } from './compare-versions.ts';
import { countedCounter, countedRate, countedTrend } from './counted.ts';
import {
  type Answer,
  afterChange,
  canaryWindow,
  rollbackOf,
  seenOf,
  type Versions,
} from './version-history.ts';

/** Shorter times count as this long when versions are compared. */
const floorMs = durationFrom('FLOOR', 5);
/** How long a canary has its share of the load; 0: there is none. */
export const canaryForMs = durationFrom('CANARY_FOR', 0);
/** How long the new version is watched once it is alone; 0: it is not. */
export const postDeployForMs = durationFrom('POST_DEPLOY_FOR', 0);
/** Green is bad, and has to be gone in this time; 0: it is not expected to go. */
export const rollbackWithinMs = durationFrom('ROLLBACK_WITHIN', 0);
/** Green is gone when blue has answered alone for this long. */
const aloneMs = durationFrom('ALONE_FOR', 10_000);

const ratio = countedCounter('canary_ratio');
const extraErrors = countedCounter('canary_extra_errors');
const share = countedRate('canary_share');
const postDeployFailed = countedRate('post_deploy_failed');
const postDeployDuration = countedTrend('post_deploy_duration');
const rollbackLate = countedCounter('rollback_late');
const failedAfterRollback = countedCounter('rollback_failed_after');

/** At the end of the load: what one user saw of both versions. What could not be told gets no sample, and is INVALID. */
export const reportVersions = (answers: readonly Answer[], versions: Versions, endMs: number): void => {
  if (rollbackWithinMs > 0) reportRollback(answers, versions, endMs);
  else reportGreen(answers, versions, endMs);
};

const reportGreen = (answers: readonly Answer[], versions: Versions, endMs: number): void => {
  const canary = canaryForMs > 0 ? canaryWindow(answers, versions, { forMs: canaryForMs, endMs }) : null;
  // Only there do both have the same load at the same time.
  const beside = canaryForMs > 0 ? (canary ?? []) : answers;
  const found = compareVersions(seenOf(beside, versions.blue), seenOf(beside, versions.green), { floorMs });
  if (found.p50 !== null) ratio.add(found.p50, { signal: 'p50' });
  if (found.p95 !== null) ratio.add(found.p95, { signal: 'p95' });
  if (found.p99 !== null) ratio.add(found.p99, { signal: 'p99' });
  if (found.extraErrors !== null) extraErrors.add(found.extraErrors);
  for (const { version } of canary ?? []) share.add(version === versions.green);
  const after =
    postDeployForMs > 0 ? afterChange(answers, versions, { forMs: postDeployForMs, endMs }) : null;
  for (const { durationMs } of after ?? []) {
    postDeployFailed.add(durationMs === null);
    if (durationMs !== null) postDeployDuration.add(durationMs);
  }
};

const reportRollback = (answers: readonly Answer[], versions: Versions, endMs: number): void => {
  const found = rollbackOf(answers, versions, { withinMs: rollbackWithinMs, aloneMs, endMs });
  if (found === null) return;
  rollbackLate.add(found.late ? 1 : 0);
  for (const { durationMs } of found.after) failedAfterRollback.add(durationMs === null ? 1 : 0);
};
