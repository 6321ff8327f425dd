import type { Params } from 'k6/http';
import { countedRate } from '../objectives/counted.ts';
import { http } from '../runtime/k6.ts';

/** 1 for each answer to a read that says it may be out of date (`X-Degraded`), 0 for each that does not. No good answer adds nothing. */
// Not when there are no reads: each virtual user pays for a rate.
const noReads = __ENV.READ_SHARE ? __ENV.READ_SHARE === '0%' : Boolean(__ENV.REQUEST_PATH);
const degraded = noReads ? null : countedRate('reads_degraded');

/** Reads, and notes whether the answer is marked as degraded. */
export const read = (url: string, params: Params): void => {
  const { status, headers } = http.get(url, params);
  if (status === 200) degraded?.add(headers['X-Degraded'] === 'true');
};
