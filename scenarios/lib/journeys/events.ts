import { bearer } from '../runtime/auth.ts';
import { fieldsOf } from '../runtime/fields.ts';
import { http } from '../runtime/k6.ts';
import { baseUrl, request } from '../runtime/target.ts';
import { untilAnswered } from './writes.ts';

export interface StoredEvent {
  readonly id: string;
  readonly at: string;
  readonly service: string;
  readonly type: string;
}

/** What to look for; times are ISO 8601. */
export interface EventFilter {
  readonly service?: string;
  readonly type?: string;
  readonly from?: string;
  readonly to?: string;
}

/** The newest events that fit, with how long it took; null when there was no such answer. */
export const findEvents = (
  filter: EventFilter,
  token: string | null,
): { readonly events: readonly StoredEvent[]; readonly tookMs: number } | null => {
  const query = Object.entries(filter).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  const answer = http.get(`${baseUrl}/api/events?${query.join('&')}`, {
    ...request({ name: 'GET /api/events' }, bearer(token)),
    responseType: 'text',
  });
  const { events } = answer.status === 200 ? fieldsOf(answer) : {};
  return Array.isArray(events) ? { events, tookMs: answer.timings.duration } : null;
};

/** There are some, newest first, and all of them fit. */
export const areRight = (events: readonly StoredEvent[], filter: EventFilter): boolean =>
  events.length > 0 &&
  events.every(({ at, service, type }, i) => {
    const time = Date.parse(at);
    return (
      (filter.service === undefined || service === filter.service) &&
      (filter.type === undefined || type === filter.type) &&
      (filter.from === undefined || time >= Date.parse(filter.from)) &&
      (filter.to === undefined || time < Date.parse(filter.to)) &&
      (i === 0 || time <= Date.parse(events[i - 1]?.at ?? ''))
    );
  });

/** How many there are, of one service or in all; null when that was not answered. */
export const countEvents = (service: string | null, token: string | null): number | null => {
  const query = service === null ? '' : `?service=${service}`;
  const answer = http.get(`${baseUrl}/api/events/count${query}`, {
    ...request({ name: 'GET /api/events/count' }, bearer(token)),
    responseType: 'text',
  });
  const { count } = answer.status === 200 ? fieldsOf(answer) : {};
  return typeof count === 'number' ? count : null;
};

/** True when the target says that it has all of them. A batch may be sent again, because each event has its id. */
export const storeEvents = (events: readonly object[], token: string | null): boolean => {
  const params = {
    ...request({ name: 'POST /api/events/batch' }, { ...bearer(token), 'Content-Type': 'application/json' }),
    responseType: 'text' as const,
  };
  const body = JSON.stringify({ events });
  const answer = untilAnswered(() => http.post(`${baseUrl}/api/events/batch`, body, params));
  return answer.status === 201 && fieldsOf(answer).stored === events.length;
};
