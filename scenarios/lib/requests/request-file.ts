/** What a file of requests holds: plain data that squall checks (chaos/schema/requests.ts) and k6 reads as JSON. */
export interface RequestFile {
  /** For every request; those of a request win. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What proves who asks. `${NAME}` in it, as in every text of this file, is the setting of that name. */
  readonly auth?: Auth;
  /** A text is a method and a path: `GET /products`. */
  readonly requests: readonly (string | OneRequest)[];
}

export interface OneRequest {
  /** Default: GET. */
  readonly method?: string;
  /** Below BASE_URL, with its query. */
  readonly path: string;
  /** How often, compared with the others. Default: 1. */
  readonly weight?: number;
  /** A text is sent as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** What its samples are called. Default: the method and the path without its query. */
  readonly name?: string;
  readonly expect?: Expected;
  /** How many redirects are followed, wherever they lead. Default: what k6 does, 10. */
  readonly redirects?: number;
}

export interface Expected {
  /** `200`, `[200, 404]`, or `2xx`. Default: 200 to 399. Any other status counts as a failed request. */
  readonly status?: number | string | readonly (number | string)[];
  /** A text in the body; whether it was there is the rate `checks`. */
  readonly contains?: string;
}

export type Auth =
  | { readonly bearer: string }
  /** `user:password` */
  | { readonly basic: string }
  | { readonly header: string; readonly value: string };

/** Filled in for each request anew, so that what is written can be told apart. */
export const UNIQUE = 'unique';
