import type { RefinedParams, RefinedResponse, RequestBody, ResponseType } from 'k6/http';
import { FAILED_TRACES_COUNTER, TRACE_ID_KEY } from '../../../thresholds/k6-names.ts';
import { shareFrom } from './env.ts';
import { Counter, exec, http } from './k6.ts';

/** The share of the requests that are traced: `-e TRACES=10%`. Without it nothing is made, sent or counted for traces. */
const share = shareFrom('TRACES', 0);
const failed = share > 0 ? new Counter(FAILED_TRACES_COUNTER) : null;

/** What a request that is traced sends along, and how its failure is noted. */
export interface Trace {
  /** 32 hexadecimal digits. */
  readonly id: string;
  /** W3C Trace Context (https://www.w3.org/TR/trace-context/), with the flag that says: keep this one. */
  readonly headers: { readonly traceparent: string };
  /** To be called if the request failed: the report then links to its trace. `tags` as in its samples. */
  failed(tags: Readonly<Record<string, string>>): void;
}

/**
 * A new trace for one request, whatever its protocol; null: this one is not traced. It then goes without a header, so that the system
 * decides about it as it does for its users.
 */
export const newTrace = (): Trace | null => {
  if (failed === null || Math.random() >= share) return null;
  const id = hex(4);
  return {
    id,
    headers: { traceparent: `00-${id}-${hex(2)}-01` },
    failed(tags) {
      exec.vu.metrics.metadata[TRACE_ID_KEY] = id;
      failed.add(1, { ...tags });
      delete exec.vu.metrics.metadata[TRACE_ID_KEY];
    },
  };
};

/**
 * http.request(), traced as TRACES says. `isGood` has to say the same as a `responseCallback` in `params`; left out, 200 to 399 is good, as
 * k6 has it.
 */
export const tracedRequest = <Type extends ResponseType | undefined>(
  method: string,
  url: string,
  body?: RequestBody | null,
  params: RefinedParams<Type> = {},
  isGood: (status: number) => boolean = (status) => status >= 200 && status < 400,
): RefinedResponse<Type> => {
  const trace = newTrace();
  if (trace === null) return http.request(method, url, body, params);
  const traced = { ...params, headers: { ...params.headers, ...trace.headers } };
  const response = http.request(method, url, body, traced);
  const { status, error, error_code: code } = response;
  if (!isGood(status))
    trace.failed({
      ...(params.tags as Record<string, string> | undefined),
      ...{ method, status: String(status) },
      ...(status === 0 && { error, error_code: String(code) }),
    });
  return response;
};

/** So many times eight hexadecimal digits. */
const hex = (times: number): string => {
  let text = '';
  for (let n = 0; n < times; n += 1)
    text += Math.floor((1 + Math.random()) * 0x1_0000_0000)
      .toString(16)
      .slice(1);
  return text;
};
