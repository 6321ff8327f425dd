import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export interface Refusal {
  readonly status: 403 | 404 | 405 | 421;
  readonly why: string;
}

/**
 * Who may see the page, and who may stop the run. A web page somewhere in the world can make the user's browser send requests to
 * 127.0.0.1, so being asked from this machine proves nothing:
 *
 * - `Host` has to name this machine. A name of somebody else's that was made to lead here (DNS rebinding) is refused. The port is free,
 *   so that the page can be forwarded (`ssh -L`).
 * - A browser says whose page made the request (`Sec-Fetch-Site`): those of others get nothing.
 * - Stopping takes the token that is in the page, in a header that no form can send, and the page's own `Origin`. What others send in the
 *   name of the user (CSRF) has neither.
 *
 * @param token null: for reading
 * @returns null when it may
 */
export function refusalOf(request: IncomingMessage, token: string | null): Refusal | null {
  const { host, origin, 'sec-fetch-site': site } = request.headers;
  if (host === undefined || !LOOPBACK.test(host))
    return { status: 421, why: 'this page answers to 127.0.0.1 and localhost only' };
  if (origin !== undefined && origin !== `http://${host}`)
    return { status: 403, why: 'requests from other pages are refused' };
  // `none`: typed by the user. A link on another page leads here, too; what is shown then is not readable for that page.
  const isLink = request.method === 'GET' && request.headers['sec-fetch-mode'] === 'navigate';
  if (site !== undefined && !['same-origin', 'none'].includes(String(site)) && !isLink)
    return { status: 403, why: 'requests from other pages are refused' };
  if (token === null) return null;
  if (origin === undefined) return { status: 403, why: 'a request without Origin stops nothing' };
  return isSame(request.headers[TOKEN_HEADER], token)
    ? null
    : { status: 403, why: 'the token is not that of this run' };
}

export const TOKEN_HEADER = 'x-squall-token';

const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i;

function isSame(given: string | string[] | undefined, token: string): boolean {
  const [one, other] = [Buffer.from(String(given ?? '')), Buffer.from(token)];
  return one.length === other.length && timingSafeEqual(one, other);
}
