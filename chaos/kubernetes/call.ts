import type { ConfigurationOptions, KubeConfig, ObservableMiddleware } from '@kubernetes/client-node';
import { deadline } from '../deadline.ts';
import { type Caller, explain, httpCode } from './errors.ts';
import { adoptLoginHelper } from './login-helper.ts';

export type Client = typeof import('@kubernetes/client-node');

/**
 * Makes one call of the client. `doing` is what is being done, for people; the header is added to the request.
 * @throws ProviderError with what was being done, where, and what to do about it; at the latest after the deadline
 */
export type Call = <T>(
  doing: string,
  signal: AbortSignal,
  make: (options: ConfigurationOptions<ObservableMiddleware>) => Promise<T>,
  header?: readonly [string, string],
) => Promise<T>;

const CALL_TIMEOUT_MS = 15_000;

/** Calls to the current cluster of this kubeconfig: with a deadline, a fresh login where the old one has ended, and errors that help. */
export function makeCall(k8s: Client, config: KubeConfig, caller?: Caller): Call {
  const { server = 'no server', proxyUrl } = config.getCurrentCluster() ?? {};
  const reached = proxyUrl ? `${server} (through a proxy)` : server;
  const login = adoptLoginHelper(config);

  return async function call<T>(
    doing: string,
    signal: AbortSignal,
    make: (options: ConfigurationOptions<ObservableMiddleware>) => Promise<T>,
    header?: readonly [string, string],
  ): Promise<T> {
    const bounded = deadline(CALL_TIMEOUT_MS, signal);
    const of = <V>(value: V) => new k8s.Observable<V>(Promise.resolve(value));
    let isSent = false;
    const middleware: ObservableMiddleware = {
      pre: (request) => {
        isSent = true;
        // After the deadline nothing is sent any more.
        request.setSignal(bounded);
        if (header !== undefined) request.setHeaderParam(...header);
        return of(request);
      },
      post: (response) => of(response),
    };
    const overdue = new Promise<never>((_, reject) => {
      const giveUp = () => reject(isSent || !login ? noAnswer() : login.overdue(doing));
      bounded.addEventListener('abort', giveUp, { once: true });
    });
    // The client waits for the login helper before it has the signal.
    const attempt = () =>
      Promise.race([make({ middleware: [middleware], middlewareMergeStrategy: 'append' }), overdue]);
    try {
      bounded.throwIfAborted();
      return await attempt().catch((cause) => {
        // Nothing was done. What the helper gave without an expiry has ended, and it may give something new.
        if (login === undefined || httpCode(cause) !== 401) throw cause;
        login.forget();
        isSent = false;
        return attempt();
      });
    } catch (cause) {
      throw explain(cause, doing, reached, caller);
    }
  };
}

/** As the client's own, when the signal ends what it has sent. */
const noAnswer = () => new DOMException('no answer', 'AbortError');
