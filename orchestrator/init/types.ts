/** What `squall init` works with. All data; what looks at the machine is handed in. */

/** A request that a source names. */
export interface FoundRequest {
  readonly method: string;
  readonly path: string;
  readonly weight: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly name?: string;
  readonly expect?: { readonly status?: number; readonly contains?: string };
  /** 0: nobody has looked at where it leads, so the load must not follow. */
  readonly redirects?: 0;
}

export type FoundAuth =
  | { readonly bearer: string }
  | { readonly basic: string }
  | { readonly header: string; readonly value: string };

/** What `squall init` was told beside the source. */
export interface SourceOptions {
  readonly cwd: string;
  /** Where the system is, if a document does not say, or says something else. */
  readonly url: string | undefined;
  /** Whether requests that change data are taken, too. */
  readonly writes: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What a URL, a document or a recording says about the system. */
export interface Source {
  readonly kind: 'url' | 'openapi' | 'compose' | 'har' | 'script';
  /** What its files are called; lower-case letters, digits and dashes. */
  readonly name: string;
  /** Origin and base path, without a slash at the end; null: the source does not say. */
  readonly baseUrl: string | null;
  /** Whether a person named the URL, so that it may be asked. One that only a document names may be production. */
  readonly urlIsGiven: boolean;
  readonly requests: readonly FoundRequest[];
  readonly auth: FoundAuth | null;
  /** Settings with secrets that the requests ask for, such as TOKEN. */
  readonly secrets: readonly string[];
  /** A k6 script, which is the load itself. */
  readonly script: ScriptSource | null;
  readonly compose: { readonly file: string; readonly services: readonly ComposeService[] } | null;
  /** What was left out, and why: one sentence each. */
  readonly leftOut: readonly string[];
}

export interface ScriptSource {
  readonly file: string;
  /** Whether the setting BASE_URL says where it goes; else its own code does. */
  readonly readsBaseUrl: boolean;
  /** Whether it sends HTTP requests. */
  readonly http: boolean;
  /** Its own metrics that say of each event whether it was good. */
  readonly rates: readonly string[];
  /** k6's metric of what it sends beside HTTP; null: nothing that is known. */
  readonly other: 'grpc_req_duration' | 'ws_msgs_received' | null;
}

export interface ComposeService {
  readonly name: string;
  readonly ports: readonly { readonly host: number; readonly container: number }[];
  readonly restarts: boolean;
}

/** Who listens on a port; see chaos/providers/local/discover/listeners.ts, which the orchestrator does not know. */
export interface ListenerView {
  readonly port: number;
  readonly process: {
    readonly pid: number;
    readonly program: string;
    readonly command: readonly string[];
    readonly directory: string | null;
    readonly user: string;
    readonly mayHit: boolean;
    readonly supervisor: { readonly name: string; readonly restarts: boolean } | null;
  } | null;
}

/** What a few requests showed. Durations in milliseconds. */
export interface Measurement {
  readonly asked: number;
  readonly failed: number;
  /** Of them, those that were answered with 429: it was asked too often. */
  readonly limited: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
}

/** The bounds that the first drill asks for. */
export interface Bounds {
  /** Null: nothing was measured. */
  readonly p95Ms: number | null;
  /** A share, from 0 to 1. */
  readonly errors: number;
}

/** The component that the first drill hits. */
export type Component =
  | {
      readonly form: 'process';
      readonly name: string;
      readonly port: number;
      readonly who: string;
      readonly kill: string | null;
    }
  | {
      readonly form: 'link';
      readonly name: string;
      readonly listen: string;
      readonly upstream: string;
      readonly why: string;
    };

export interface PlannedFile {
  /** Relative to the working directory, with slashes. */
  readonly file: string;
  readonly text: string;
  /** Lines are added to what is there; anything else is kept as it is. */
  readonly append?: boolean;
}
