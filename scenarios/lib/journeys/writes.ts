import type { Params, RefinedResponse, ResponseType } from 'k6/http';
import { ACKNOWLEDGED_COUNTER, WRITE_ID_KEY } from '../../../thresholds/k6-names.ts';
import { numberFrom } from '../runtime/env.ts';
import { Counter, exec, http, sleep } from '../runtime/k6.ts';

/** One sample for each acknowledged write, with its key in the sample's metadata: squall looks every key up afterwards. */
const acknowledged = new Counter(ACKNOWLEDGED_COUNTER);

const attempts = numberFrom('WRITE_ATTEMPTS', 4, { min: 1, max: 20, integer: true });

export interface Write {
  readonly url: string;
  /** Made from the key, so that a reader of the stored record can tell which write it was. */
  readonly body: (key: string) => string;
  readonly params: Params;
  /** Default: a new random one. */
  readonly key?: string;
}

export interface WriteResult {
  readonly key: string;
  readonly acknowledged: boolean;
  readonly response: RefinedResponse<ResponseType | undefined>;
}

/**
 * POSTs with an idempotency key, and tries again with the same key while the target is unreachable, overloaded or failing. Each
 * try is a request of its own in the samples. Acknowledged means that the target answered 201.
 */
export const write = ({ url, body, params, key = crypto.randomUUID() }: Write): WriteResult => {
  const request: Params = { ...params, headers: { ...params.headers, 'Idempotency-Key': key } };
  const payload = body(key);
  const response = untilAnswered(() => http.post(url, payload, request));
  if (response.status === 201) acknowledge(key);
  return { key, acknowledged: response.status === 201, response };
};

/** Asks again, with growing pauses, while the target is unreachable, overloaded or failing. */
export const untilAnswered = <Response extends { readonly status: number }>(
  ask: () => Response,
): Response => {
  let response = ask();
  for (let attempt = 1; attempt < attempts && mayHelp(response.status); attempt += 1) {
    sleep(0.25 * 2 ** (attempt - 1));
    response = ask();
  }
  return response;
};

const mayHelp = (status: number): boolean => {
  return status === 0 || status === 408 || status === 429 || status >= 500;
};

const acknowledge = (key: string): void => {
  exec.vu.metrics.metadata[WRITE_ID_KEY] = key;
  acknowledged.add(1);
  delete exec.vu.metrics.metadata[WRITE_ID_KEY];
};
