import { withSettings } from './headers.ts';
import { type Answer, ask, type MeasureRequest } from './measure.ts';
import { toAsk } from './sources/url.ts';
import type { FoundRequest } from './types.ts';

/** The answer at the end of the redirects within one origin. */
export interface Followed extends Answer {
  /** Where it came from. */
  readonly url: string;
  /** It is a redirect again, after as many as k6 follows. */
  readonly isEndless: boolean;
}

/** As many as k6 follows. */
export const MOST_REDIRECTS = 10;

/**
 * Goes where k6 would go with each request of the load, as long as that is the same origin: what lies behind may lead to somebody else.
 * `asked` gets what was asked on the way, without queries, which may hold somebody's session.
 */
export async function followed(
  request: FoundRequest,
  first: Answer,
  target: Pick<MeasureRequest, 'baseUrl' | 'headers' | 'http' | 'env'> & { readonly asked: string[] },
): Promise<Followed> {
  const sent = withSettings(request, target.env);
  const cookies = new Map<string, string>();
  let at = { ...first, url: `${target.baseUrl}${request.path}`, isEndless: false };
  for (let hop = 0; leadsOn(at); hop += 1) {
    if (hop === MOST_REDIRECTS) return { ...at, isEndless: true };
    const { origin, pathname, search } = toAsk(new URL(at.detail ?? '', at.url));
    for (const [name, value] of at.cookies) cookies.set(name, value);
    const own = sent.headers?.cookie ?? target.headers.cookie;
    const cookie = [...(own ? [own] : []), ...[...cookies].map((pair) => pair.join('='))].join('; ');
    const headers = { ...sent.headers, ...(cookie !== '' && { cookie }) };
    target.asked.push(`${request.method} ${pathname}`);
    const next = { ...sent, path: `${pathname}${search}`, headers };
    // What the system says has no settings in it.
    const answer = await ask({ ...target, baseUrl: origin, env: {} }, next);
    at = { ...answer, url: `${origin}${pathname}${search}`, isEndless: false };
  }
  return at;
}

/** Where a redirect leads, if that is another origin; empty: it cannot be told. */
export function otherOrigin({
  status,
  detail,
  url,
}: Pick<Followed, 'status' | 'detail' | 'url'>): string | null {
  if (status < 300 || status >= 400 || detail === null) return null;
  const origin = URL.canParse(detail, url) ? toAsk(new URL(detail, url)).origin : '';
  return origin === new URL(url).origin ? null : origin;
}

function leadsOn(answer: Followed): boolean {
  const { status, detail } = answer;
  return status >= 300 && status < 400 && detail !== null && otherOrigin(answer) === null;
}
