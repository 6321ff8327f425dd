import { wordsOf } from './fill-in.ts';
import { type OneRequest, type RequestFile, UNIQUE } from './request-file.ts';

/**
 * Checks what plain k6 got as REQUESTS; in a drill squall has checked it before, with line numbers. `from` is what messages call it.
 * @throws Error that names the place, what is wrong there, and the way out
 */
export const checkRequestFile = (text: string, from: string, settings: Record<string, string>): void => {
  const refuse = (place: string, rule: string): never => {
    throw new Error(`${from}: ${place}: ${rule}`);
  };
  const file = parse(text, from);
  if (!Array.isArray(file?.requests) || file.requests.length === 0)
    refuse('requests', 'there has to be a list of at least one, for example ["GET /products"]');
  onlyKnown(file, ['$schema', 'headers', 'auth', 'requests'], (key) => refuse(key, 'is not known here'));
  for (const [index, request] of file.requests.entries()) checkRequest(request, `requests[${index}]`, refuse);
  for (const word of wordsOf(file)) {
    if (word === UNIQUE || settings[word]) continue;
    refuse(`\${${word}}`, `there is no setting ${word}: write -e ${word}=…, or \`vars\` of the environment`);
  }
};

const checkRequest = (
  request: unknown,
  place: string,
  refuse: (place: string, rule: string) => never,
): void => {
  if (typeof request === 'string') {
    if (!/^[A-Z]+ \/\S*$/.test(request))
      refuse(place, `${JSON.stringify(request)} is not like GET /products`);
    return;
  }
  if (typeof request !== 'object' || request === null) refuse(place, 'is neither a text nor an object');
  onlyKnown(
    request as object,
    ['method', 'path', 'weight', 'body', 'headers', 'name', 'expect', 'redirects'],
    (key) => refuse(`${place}.${key}`, 'is not known here'),
  );
  const { path, weight = 1, redirects = 0 } = request as Partial<OneRequest>;
  if (typeof path !== 'string' || !path.startsWith('/')) refuse(`${place}.path`, 'has to start with /');
  if (typeof weight !== 'number' || !(weight > 0)) refuse(`${place}.weight`, 'has to be above 0');
  if (!Number.isInteger(redirects) || redirects < 0 || redirects > 20)
    refuse(`${place}.redirects`, 'has to be a whole number from 0 to 20');
};

const parse = (text: string, from: string): RequestFile => {
  try {
    return JSON.parse(text) as RequestFile;
  } catch (error) {
    throw new Error(
      `${from}: k6 reads this file as JSON, and it is not: ${(error as Error).message} (YAML is for \`requests:\` of a drill)`,
    );
  }
};

const onlyKnown = (value: object, known: readonly string[], refuse: (key: string) => void): void => {
  for (const key of Object.keys(value)) if (!known.includes(key)) refuse(key);
};
