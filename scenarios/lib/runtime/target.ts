import type { Params } from 'k6/http';
import { durationFrom, urlFrom } from './env.ts';

/** Where the load goes: `-e BASE_URL`, by default the testbed's edge. */
export const baseUrl = urlFrom('BASE_URL', 'http://127.0.0.1:9000');

/** A request that takes longer has failed. k6's own default of a minute would hide an outage behind waiting users. */
export const timeoutMs = durationFrom('TIMEOUT', 5_000, 1);

export interface RequestTags {
  /** Groups the samples, for example `GET /api/projects`. Objectives name it in `where`. */
  readonly name: string;
  readonly [tag: string]: string;
}

/** The one way to describe a request: with a time-out and tags. Where the tags do not change, build it once and reuse it. */
export const request = (tags: RequestTags, headers?: Readonly<Record<string, string>>): Params => {
  const params: Params = { tags: { ...tags }, timeout: timeoutMs };
  if (headers !== undefined) params.headers = { ...headers };
  return params;
};
