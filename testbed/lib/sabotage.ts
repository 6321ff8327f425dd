import type { FastifyRequest } from 'fastify';
import { everyNth } from './every-nth.ts';
import type { Settings } from './settings.ts';
import type { PortName } from './testbed.ts';

export interface Spoiled {
  readonly slowMs: number;
  readonly fails: boolean;
}

/** The switches that slow down or fail answers of any service, checked once for each request. */
export function createSpoiler(name: PortName, read: () => Settings): (request: FastifyRequest) => Spoiled {
  const itsTurn = everyNth(() => read()['slow-every']);
  return (request) => {
    const settings = read();
    return {
      slowMs: isSlow(request, settings) ? settings['slow-ms'] : 0,
      fails:
        settings['error-share'] > 0 &&
        request.url.startsWith(settings['error-path']) &&
        isFor(name, settings['error-instance']) &&
        !isCheck(request) &&
        Math.random() < settings['error-share'],
    };
  };

  function isSlow(request: FastifyRequest, settings: Settings): boolean {
    if (settings['slow-ms'] === 0 || !request.url.startsWith(settings['slow-path'])) return false;
    if (!isFor(name, settings['slow-instance'])) return false;
    if (settings['slow-method'] !== '' && request.method !== settings['slow-method']) return false;
    return settings['slow-every'] <= 1 || (!isCheck(request) && itsTurn());
  }
}

function isFor(name: PortName, instance: string): boolean {
  return instance === '' || instance === name;
}

/**
 * Load balancers and the control loop send no such header. They would take an instance out if they saw its errors, and would use up
 * some of the counted answers.
 */
export function isCheck(request: FastifyRequest): boolean {
  return request.url === '/health' && request.headers['x-forwarded-for'] === undefined;
}
