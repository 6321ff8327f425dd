import { PassThrough, type Readable } from 'node:stream';
import { ProviderError } from '../provider-error.ts';
import type { Connection } from './connection.ts';
import type { ExecPlace } from './exec.ts';

export interface FollowCalls {
  /**
   * What a container has printed and goes on to print, until it ends or the signal does. @throws ProviderError when it cannot be read
   */
  followLog(at: ExecPlace, signal: AbortSignal): Promise<Readable>;
}

export function followCalls({ k8s, config }: Connection): FollowCalls {
  return {
    async followLog({ namespace, pod, container }, signal) {
      const out = new PassThrough();
      try {
        const controller = await new k8s.Log(config).log(namespace, pod, container, out, { follow: true });
        const stop = () => {
          controller.abort();
          out.end();
        };
        if (signal.aborted) stop();
        else signal.addEventListener('abort', stop, { once: true });
        return out;
      } catch (cause) {
        throw new ProviderError(
          `cannot read the log of ${namespace}/${pod}: ${cause instanceof Error ? cause.message : String(cause)}`,
        );
      }
    },
  };
}
