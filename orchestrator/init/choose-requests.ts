import { setTimeout as sleep } from 'node:timers/promises';
import { RefusalError } from '../refusal.ts';
import { type Answer, ask, isHarmless, type MeasureRequest } from './measure.ts';
import { type Followed, followed, MOST_REDIRECTS, otherOrigin } from './redirects.ts';
import type { FoundRequest, Source } from './types.ts';

export interface Choice {
  readonly requests: readonly FoundRequest[];
  /** What was asked once to see whether it answers: method and path. */
  readonly asked: readonly string[];
  readonly leftOut: readonly string[];
}

/** Of a URL alone nothing else is known; these are harmless, and common. */
const COMMON = ['/health', '/healthz', '/ready', '/api/health'];
/** For a system that limits how often it is asked, in all. */
const PATIENCE_MS = 15_000;
/** A path that no service has: one that answers it with 2xx answers anything so, as web applications do with their start page. */
const NOWHERE = '/squall-init-looks-for-what-is-not-there';

/**
 * Asks each GET once, and keeps what answers. Requests that change data are kept unasked.
 * @throws RefusalError when nothing answers
 */
export async function chooseRequests(
  source: Source,
  baseUrl: string,
  headers: Readonly<Record<string, string>>,
  { http, env }: Pick<MeasureRequest, 'http' | 'env'>,
): Promise<Choice> {
  const target = { baseUrl, headers, http, env };
  const candidates = [...source.requests];
  const asked: string[] = [];
  let longestWait = PATIENCE_MS;
  const askOnce = async (request: FoundRequest) => {
    asked.push(`${request.method} ${request.path}`);
    const answer = await ask(target, request);
    if (answer.status !== 429 || answer.againMs > longestWait) return answer;
    longestWait -= answer.againMs;
    await sleep(answer.againMs);
    return ask(target, request);
  };
  const kept: FoundRequest[] = [];
  const leftOut: string[] = [];
  const answers: Followed[] = [];
  for (const request of candidates) {
    if (!isHarmless(request)) {
      kept.push(notFollowed(request));
      continue;
    }
    const answer = await followed(request, await askOnce(request), { ...target, asked });
    answers.push(answer);
    const against = reasonAgainst(answer);
    if (against === null) kept.push(request);
    else leftOut.push(`${request.method} ${request.path} ${against}`);
    // A host that is not there would cost each of forty requests its time-out.
    if (answers.length >= 3 && answers.every(({ status }) => status === 0)) break;
  }
  const unable = answers.find((one) => one.unable !== null)?.unable ?? null;
  if (unable !== null && answers.every(({ status }) => status === 0))
    throw new RefusalError(`init: ${unable.replace(/; http\.ca .*/, '')}`, { fix: fixOf(unable) });
  if (answers.length > 0 && answers.every(({ status }) => status === 0))
    throw new RefusalError(`init: nothing answers at ${baseUrl} (${answers[0]?.detail ?? 'no answer'})`, {
      fix: fixForSilence(answers[0]?.detail ?? ''),
    });
  if (source.kind === 'url' || source.kind === 'compose')
    kept.push(...(await commonOnes(askOnce, candidates, baseUrl)));
  if (!kept.some(isHarmless)) {
    const document = source.kind === 'url' ? await documentOf(askOnce) : null;
    throw new RefusalError(
      `init: no request was answered with 2xx or 3xx at ${baseUrl}: ${leftOut.slice(0, 5).join('; ')}`,
      {
        fix:
          document === null
            ? fixFor(answers)
            : `take what it says of itself: squall init ${baseUrl}${document}`,
      },
    );
  }
  return { requests: kept, asked, leftOut };
}

/** k6 would follow a redirect to anywhere, with the headers that prove who asks. */
export function notFollowed(request: FoundRequest): FoundRequest {
  return { ...request, redirects: 0 };
}

/** Where frameworks serve the OpenAPI document of a service: FastAPI, flask-restx, Spring, ASP.NET. */
const DOCUMENTS = ['/openapi.json', '/swagger.json', '/v3/api-docs', '/swagger/v1/swagger.json'];

async function documentOf(askOnce: (request: FoundRequest) => Promise<Answer>): Promise<string | null> {
  for (const path of DOCUMENTS) {
    const { status, type } = await askOnce({ method: 'GET', path, weight: 1 });
    if (status === 200 && type.endsWith('json')) return path;
  }
  return null;
}

async function commonOnes(
  askOnce: (request: FoundRequest) => Promise<Answer>,
  candidates: readonly FoundRequest[],
  baseUrl: string,
): Promise<FoundRequest[]> {
  const isGood = (answer: Answer) =>
    answer.status < 300 && reasonAgainst({ ...answer, url: baseUrl, isEndless: false }) === null;
  const get = (path: string) => askOnce({ method: 'GET', path, weight: 1 });
  const anything = await get(NOWHERE);
  // Then only an answer of another type is one of its own.
  const isOwn = (answer: Answer) => !isGood(anything) || answer.type !== anything.type;
  const found: FoundRequest[] = [];
  for (const path of COMMON) {
    if (candidates.some((one) => one.path === path)) continue;
    const answer = await get(path);
    if (isGood(answer) && isOwn(answer)) found.push({ method: 'GET', path, weight: 1 });
  }
  return found;
}

function fixOf(unable: string): string {
  if (unable.includes('certificate'))
    return 'name the certificates to trust, as a PEM file, in this shell: export SSL_CERT_FILE=ca.pem. The load reads the same';
  return 'correct the URL, or the proxies of this shell (HTTP_PROXY, HTTPS_PROXY, NO_PROXY)';
}

function fixForSilence(detail: string): string {
  return detail.includes('did not answer with HTTP')
    ? 'k6 speaks HTTP/1.1, and HTTP/2 over TLS only: give the https URL, or a k6 script for another protocol'
    : 'start the system first, or correct the URL: bounds come from what it answers';
}

function fixFor(answers: readonly Followed[]): string {
  const elsewhere = answers.map(otherOrigin).find((one) => one !== null);
  if (elsewhere) return `if that is your system, too: squall init ${elsewhere}`;
  const path = 'name a path that answers, for example squall init http://127.0.0.1:8080/health';
  if (answers.some(({ status }) => status === 429))
    return 'it limits how often it is asked: wait until it answers again, or exempt this machine from the limit';
  return answers.some(({ status }) => status === 401 || status === 403)
    ? `${path}; for requests with authorization give an OpenAPI document, a HAR recording with its cookies and headers (Chrome leaves them out unless told otherwise), or a k6 script that logs in`
    : path;
}

/** Why a request is no good for a load; null: it is. */
function reasonAgainst(answer: Followed): string | null {
  const { status, detail, isEndless } = answer;
  if (status === 0) return `was not answered (${detail ?? 'no reason'})`;
  if (status >= 400) return `was answered with ${status}`;
  if (isEndless) return `was redirected more than ${MOST_REDIRECTS} times`;
  // k6 follows redirects: the load must not go on to somebody else.
  const origin = otherOrigin(answer);
  return origin === null ? null : `leads to ${origin || 'somewhere else'}`;
}
