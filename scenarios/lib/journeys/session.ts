import type { Params, RefinedResponse, ResponseType } from 'k6/http';
import { countedCounter } from '../objectives/counted.ts';
import { bearer } from '../runtime/auth.ts';
import { fieldsOf } from '../runtime/fields.ts';
import { http } from '../runtime/k6.ts';
import { baseUrl, request } from '../runtime/target.ts';

/** 0 for each answer with the session, 1 for each without it or with another one. No answer adds nothing: nobody knows. */
// Only if it is asked for: each virtual user pays for a counter.
const lost = __ENV.SESSION_SHARE ? countedCounter('sessions_lost') : null;

/** What tells a session from a new one that has replaced it. */
export interface Session {
  readonly id: string;
  /** Null where the target does not say. k6 would turn undefined into null on the way out of setup(). */
  readonly createdAt: unknown;
}

/**
 * The session behind the token, read in setup(): later reads are compared with it. Null when the target cannot be reached or fails.
 * @throws Error when the target has no session: there would be nothing to lose.
 */
export const sessionOf = (token: string | null): Session | null => {
  if (token === null) return null;
  const response = http.get(sessionUrl, textOf(request({ name: 'GET /api/session' }, bearer(token))));
  if (unknown(response.status)) return null;
  const session = parse(response);
  if (session !== null) return session;
  throw new Error(
    `session: GET ${sessionUrl} answered ${response.status} without a session: set -e SESSION_SHARE=0%`,
  );
};

/** Reads the session again. Without one from setup there is nothing to compare with, and nothing is counted. */
export const readSession = (kept: Session | null, params: Params): void => {
  const response = http.get(sessionUrl, textOf(params));
  if (kept === null || unknown(response.status)) return;
  const seen = parse(response);
  lost?.add(seen?.id === kept.id && seen.createdAt === kept.createdAt ? 0 : 1);
};

const sessionUrl = `${baseUrl}/api/session`;

/** The store, or something on the way to it, does not answer. A refusal is an answer. */
const unknown = (status: number): boolean =>
  status === 0 || status === 408 || status === 429 || status >= 500;

const textOf = (params: Params): Params & { responseType: 'text' } => ({ ...params, responseType: 'text' });

const parse = (response: RefinedResponse<ResponseType | undefined>): Session | null => {
  if (response.status !== 200) return null;
  const { id, createdAt } = fieldsOf(response);
  return typeof id === 'string' ? { id, createdAt: createdAt ?? null } : null;
};
