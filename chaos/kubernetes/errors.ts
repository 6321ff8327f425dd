import { ProviderError, refusedBy } from '../provider-error.ts';

/** What the part of squall that makes the calls knows of its own refusals. */
export interface Caller {
  /** Begins each message, e.g. `chaos-mesh`. */
  readonly name: string;
  /** Undefined for a status that means to it what it means to everybody. */
  readonly explain: (status: Status) => Explanation | undefined;
}

export interface Status {
  readonly code: number;
  readonly message: string;
}

export interface Explanation {
  readonly text: string;
  readonly fix: string;
}

/** No cluster can be called with this configuration. */
export function refuse(message: string, fix: string): ProviderError {
  return refusedBy('kubernetes', message, fix);
}

/** What a failed call means, in words: which part is missing, and how to get it. `doing` names the call, e.g. `list pods in dawg`. */
export function explain(cause: unknown, doing: string, server: string, caller?: Caller): ProviderError {
  if (cause instanceof ProviderError) return cause;
  const status = statusOf(cause);
  const { text, fix } =
    status === undefined
      ? explainTransport(cause, server)
      : (caller?.explain(status) ?? explainStatus(status, doing, server));
  return new ProviderError(`${caller?.name ?? 'kubernetes'}: cannot ${doing}: ${text}`, { cause, fix });
}

/** HTTP status of an answer of the API server; undefined when there was none. */
export function httpCode(cause: unknown): number | undefined {
  const error = cause instanceof ProviderError ? cause.cause : cause;
  return statusOf(error)?.code;
}

function statusOf(cause: unknown): Status | undefined {
  // An aborted signal's own reason: it has a number, too.
  if (cause instanceof DOMException) return undefined;
  if (typeof cause !== 'object' || cause === null || !('code' in cause) || typeof cause.code !== 'number') {
    return undefined;
  }
  const body = 'body' in cause ? cause.body : undefined;
  return { code: cause.code, message: messageOf(body) };
}

function messageOf(body: unknown): string {
  if (typeof body === 'string') {
    try {
      return messageOf(JSON.parse(body));
    } catch {
      return body.slice(0, 500);
    }
  }
  const message = typeof body === 'object' && body !== null && 'message' in body ? body.message : undefined;
  return typeof message === 'string' ? message : 'no message';
}

function explainStatus({ code, message }: Status, doing: string, server: string): Explanation {
  if (code === 401) {
    return {
      text: `${server} does not accept the credentials (401): the token or certificate has expired, or is another cluster's`,
      fix: 'log in again, or renew the credentials of the context in use; try `kubectl auth whoami`',
    };
  }
  if (code === 403) return { text: message, fix: 'grant the right that is missing' };
  return { text: `${message} (${code})`, fix: `see whether \`kubectl\` can ${doing}` };
}

function explainTransport(cause: unknown, server: string): Explanation {
  const text = cause instanceof Error ? cause.message : String(cause);
  const name = cause instanceof Error ? cause.name : '';
  if (/certificate|self.signed|ERR_TLS|SSL/i.test(text)) {
    return {
      text: `${server}: ${text}`,
      fix: "the server's certificate is not the one that the kubeconfig trusts: renew the kubeconfig",
    };
  }
  if (/exec|command|ENOENT/i.test(text) && !/connect|request to/i.test(text)) {
    return {
      text,
      fix: 'the login helper of the kubeconfig does not work: run the command it names by hand',
    };
  }
  if (name === 'AbortError' || name === 'TimeoutError') {
    return {
      text: `${server} did not answer in time`,
      fix: 'see whether the cluster can be reached from here: `kubectl version`',
    };
  }
  return {
    text: `${server} cannot be reached (${text})`,
    fix: 'see whether the cluster runs, and the kubeconfig names the right one: `kubectl version`',
  };
}
