import type { ObjectiveSet } from '../../../thresholds/objective.ts';
import { textFrom } from './env.ts';

/** What is asked of a target that squall does not know: `-e REQUEST_PATH=/products`. */
export const requestPath = textFrom('REQUEST_PATH', '/health');

/** What its samples are called: without the query, which may be long. */
export const requestName = `GET ${requestPath.split('?')[0]}`;

/** Objectives on the health check, for the path that is asked in its place. */
export const forRequestPath = (set: ObjectiveSet): ObjectiveSet =>
  set.map((one) =>
    one.where?.name === 'GET /health' ? { ...one, where: { ...one.where, name: requestName } } : one,
  );
