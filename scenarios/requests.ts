import { checkRequestFile } from './lib/requests/check-request-file.once.ts';
import { filledIn, wordsOf } from './lib/requests/fill-in.ts';
import { planRequests } from './lib/requests/plan-requests.once.ts';
import { type Prepared, preparedFrom } from './lib/requests/prepared.ts';
import { type RequestFile, UNIQUE } from './lib/requests/request-file.ts';
import { textFrom } from './lib/runtime/env.ts';
import { check, exec, http } from './lib/runtime/k6.ts';
import { tracedRequest } from './lib/runtime/trace.ts';

/**
 * Sends the requests of a file, open loop, each as often as its weight says: the load for a system that squall does not know.
 * REQUESTS is the file, or its text. Without it: GET of REQUEST_PATH.
 */
const given = textFrom('REQUESTS', '');
const isText = given[0] === '{';
/** k6 takes a relative path to start at the script, people mean where they are. */
const place = given === '' || isText || given[0] === '/' ? given : `${textFrom('PWD', '.')}/${given}`;
const text =
  given === ''
    ? JSON.stringify({ requests: [`GET ${textFrom('REQUEST_PATH', '/')}`] })
    : isText
      ? given
      : open(place);
if (__VU === 0) checkRequestFile(text, given === '' ? 'REQUEST_PATH' : isText ? 'REQUESTS' : place, __ENV);

const file = JSON.parse(text) as RequestFile;
const plan = __VU > 0 ? null : planRequests(file);
export const options = plan?.options;
export const handleSummary = plan?.handleSummary;

const requests = preparedFrom(filledIn(file, { ...__ENV, [UNIQUE]: undefined }), {
  expectedStatuses: http.expectedStatuses,
});
const isUnique = requests.map(({ url, body, params }) =>
  wordsOf([url, body, params.headers]).includes(UNIQUE),
);

export default function send() {
  // Steps through 0 to 1 by the golden ratio, which spreads the shares more evenly than chance. Counted over the whole test: a walk of
  // each user's own would be little better than chance where each sends only a few requests.
  const draw = (exec.scenario.iterationInTest * 0.618033988749895) % 1;
  const found = requests.findIndex(({ upTo }) => draw < upTo);
  const at = found < 0 ? requests.length - 1 : found;
  const one = requests[at];
  if (one === undefined) return;
  const { method, name, contains, isExpected } = one;
  const { url, body, params } = isUnique[at] ? madeUnique(one) : one;
  const response = tracedRequest(method, url, body, params, isExpected);
  if (contains !== undefined)
    check(response, { [name]: ({ body }) => typeof body === 'string' && body.includes(contains) });
}

/** `params` holds things of k6's own, so that only its headers are looked at. */
const madeUnique = ({ url, body, params }: Prepared): Pick<Prepared, 'url' | 'body' | 'params'> => {
  const filled = filledIn({ url, body, headers: params.headers }, { [UNIQUE]: unique() });
  return { ...filled, params: { ...params, headers: filled.headers ?? {} } };
};

const unique = (): string => `${Date.now().toString(36)}-${exec.vu.idInTest}-${exec.vu.iterationInInstance}`;
