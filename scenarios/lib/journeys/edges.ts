import type { Params } from 'k6/http';
import { bearer } from '../runtime/auth.ts';
import { fieldsOf } from '../runtime/fields.ts';
import { http } from '../runtime/k6.ts';
import { baseUrl, request } from '../runtime/target.ts';

/** Tokens; null where the login failed. Rows that need that token are not measured then. */
export interface Accounts {
  readonly user: string | null;
  readonly alice: string | null;
  readonly bob: string | null;
  readonly expired: string | null;
}

/** True: the row holds. False: it is broken. Null: there was no answer to judge by. */
type Keeps = () => boolean | null;

/** The rows of `edges` in the register. */
export const rows = ({ user, alice, bob, expired }: Accounts): readonly (readonly [string, Keeps])[] => [
  ['auth.missing-token', () => status(get('/api/projects', null), 401)],
  ['auth.expired-token', () => (expired === null ? null : status(get('/api/projects', expired), 401))],
  ['auth.tampered-token', () => (user === null ? null : status(get('/api/projects', tamper(user)), 401))],
  ['auth.admin-as-user', () => (user === null ? null : status(get('/api/admin/status', user), 403))],
  ['auth.other-users-project', () => (alice === null || bob === null ? null : otherUsersProject(alice, bob))],
  [
    'auth.other-users-project.changing',
    () => (alice === null || bob === null ? null : othersChange(alice, bob)),
  ],
  [
    'auth.other-users-project.deleting',
    () => (alice === null || bob === null ? null : othersDelete(alice, bob)),
  ],
  ['auth.login-injection', loginInjection],
  ['ids.not-guessable', () => (user === null ? null : idsNotGuessable(user))],
  ['answers.no-secrets', () => (user === null ? null : noSecrets(user))],
  ['input.script-in-name', () => (user === null ? null : scriptInName(user))],
  ['input.sql-in-search', () => (user === null ? null : sqlInSearch(user))],
  ['input.path-traversal', () => (user === null ? null : pathTraversal(user))],
  ['input.10MB-json', () => (user === null ? null : hugeBody(user))],
  ['rate-limit', rateLimit],
];

interface Answered {
  readonly status: number;
  readonly body: unknown;
  json(): unknown;
  readonly headers: Readonly<Record<string, string>>;
}

const get = (path: string, token: string | null): Answered =>
  http.get(`${baseUrl}${path}`, hostile(path, token));

const post = (path: string, token: string, body: string): Answered =>
  http.post(`${baseUrl}${path}`, body, hostile(path, token));

const JSON_BODY: Readonly<Record<string, string>> = { 'Content-Type': 'application/json' };

/** Refusals are the right answer here, so they do not count as failed requests. */
const hostile = (path: string, token: string | null, headers = JSON_BODY): Params => ({
  ...request({ name: `hostile ${path.split('?')[0]}` }, { ...bearer(token), ...headers }),
  timeout: '20s',
  responseType: 'text',
  responseCallback: http.expectedStatuses({ min: 200, max: 499 }),
});

const answered = ({ status: given }: Answered): boolean => given > 0 && given < 500;

const status = (response: Answered, expected: number): boolean | null =>
  answered(response) ? response.status === expected : null;

/** Another role in the payload, under the old signature. */
const tamper = (token: string): string => {
  const [head = '', payload = '', signature = ''] = token.split('.');
  const at = payload.length >> 1;
  const other = payload[at] === 'A' ? 'B' : 'A';
  const changed = payload.slice(0, at) + other + payload.slice(at + 1);
  // A payload that is still JSON is the harder test, so only the signature is changed if there is one.
  const flipped = signature[0] === 'A' ? 'B' : 'A';
  return signature === '' ? `${head}.${changed}` : `${head}.${payload}.${flipped}${signature.slice(1)}`;
};

const projectOf = (owner: string): string | null => {
  const made = post('/api/projects', owner, JSON.stringify({ name: 'mine alone', bpm: 100 }));
  const { id } = fieldsOf(made);
  return made.status === 201 && id !== undefined ? String(id) : null;
};

const otherUsersProject = (alice: string, bob: string): boolean | null => {
  const id = projectOf(alice);
  return id === null ? null : status(get(`/api/projects/${id}`, bob), 403);
};

/** Refused, and not carried out all the same. */
const othersChange = (alice: string, bob: string): boolean | null => {
  const id = projectOf(alice);
  if (id === null) return null;
  const path = `/api/projects/${id}`;
  const change = JSON.stringify({ name: 'taken over', bpm: 66, version: 1 });
  const refused = status(http.put(`${baseUrl}${path}`, change, hostile('/api/projects/:id', bob)), 403);
  const found = get(path, alice);
  if (refused === null || found.status !== 200) return null;
  return refused && fieldsOf(found).name === 'mine alone';
};

const othersDelete = (alice: string, bob: string): boolean | null => {
  const id = projectOf(alice);
  if (id === null) return null;
  const path = `/api/projects/${id}`;
  const refused = status(http.del(`${baseUrl}${path}`, null, hostile('/api/projects/:id', bob, {})), 403);
  const found = get(path, alice);
  if (refused === null || !answered(found)) return null;
  return refused && found.status === 200;
};

/** What would be true in a query, and what is no text at all, logs nobody in. */
const loginInjection = (): boolean | null => {
  const hostileTexts = ["' OR '1'='1", "admin'--", { $ne: '' }];
  const responses = hostileTexts.map((text) =>
    http.post(
      `${baseUrl}/api/login`,
      JSON.stringify({ user: text, password: text }),
      hostile('/api/login', null),
    ),
  );
  if (!responses.every(answered)) return null;
  return responses.every(({ status: given }) => given >= 400);
};

/** Two that were made one after the other have no first half in common, and are no numbers. */
const idsNotGuessable = (user: string): boolean | null => {
  const [one, other] = [projectOf(user), projectOf(user)];
  if (one === null || other === null) return null;
  if (one.length < 16 || /^\d+$/.test(one)) return false;
  return one.slice(0, one.length >> 1) !== other.slice(0, other.length >> 1);
};

/** A stack of JavaScript (also inside JSON), Python or Java; keys, and a database's address with its password. */
const SECRET =
  /(?:\\n|\n)\s+at \S|Traceback \(most recent|\.java:\d+\)|-----BEGIN [A-Z ]*PRIVATE KEY|\w+:\/\/\w+:[^@\s"]+@|"password"\s*:|AKIA[A-Z0-9]{16}/;

/** What goes wrong is answered without the inside of the target: broken JSON, an id of a wrong form, an unknown page, a wrong login. */
const noSecrets = (user: string): boolean | null => {
  const responses = [
    post('/api/projects', user, '{"name": '),
    get('/api/projects/not-an-id', user),
    get('/api/nowhere', user),
    post('/api/login', user, JSON.stringify({ user: 'user', password: 'wrong' })),
    get('/api/session', 'a.b.c'),
  ];
  // An error of the target's own is an answer here, too: it is the one that tells most.
  if (responses.every(({ status: given }) => given === 0)) return null;
  return responses.every(({ body }) => !SECRET.test(String(body ?? '')));
};

const scriptInName = (user: string): boolean | null => {
  const name = '<script>alert("squall")</script>';
  const made = post('/api/projects', user, JSON.stringify({ name, bpm: 100 }));
  if (!answered(made)) return null;
  if (made.status !== 201) return false;
  const { id } = fieldsOf(made);
  const found = get(`/api/projects/${id}`, user);
  if (!answered(found) || found.status !== 200) return null;
  // Harmless: stored as it was, and served as data that no browser executes.
  return (
    fieldsOf(found).name === name && (found.headers['Content-Type'] ?? '').startsWith('application/json')
  );
};

const sqlInSearch = (user: string): boolean | null => {
  const found = get(`/api/projects?search=${encodeURIComponent("' OR '1'='1")}`, user);
  if (!answered(found)) return null;
  if (found.status !== 200) return found.status === 400;
  // There is a project to find, so an empty list means that the text was searched for as text.
  const all = get('/api/projects', user);
  const [some, matching] = [projectsIn(all), projectsIn(found)];
  if (all.status !== 200 || some === null || some.length === 0 || matching === null) return null;
  return matching.length === 0;
};

/** Null: the answer holds no list, so not an empty one either. */
const projectsIn = (response: Answered): unknown[] | null => {
  const { projects } = fieldsOf(response);
  return Array.isArray(projects) ? projects : null;
};

const pathTraversal = (user: string): boolean | null => {
  const responses = ['..%2f..%2f..%2fetc%2fpasswd', '%2e%2e%2f%2e%2e%2fetc%2fpasswd'].map((path) =>
    get(`/api/projects/${path}`, user),
  );
  if (!responses.every(answered)) return null;
  return responses.every(({ status: given, body }) => given >= 400 && !String(body).includes('root:'));
};

const hugeBody = (user: string): boolean | null => {
  const name = 'x'.repeat(10_500_000);
  return status(post('/api/projects', user, JSON.stringify({ name, bpm: 100 })), 413);
};

/** 100 requests of a new key pass, the next one does not. */
const rateLimit = (): boolean | null => {
  const params = {
    ...hostile('/api/limited', null),
    headers: { 'X-Api-Key': `squall-${crypto.randomUUID()}` },
  };
  const responses = Array.from({ length: 102 }, () => http.get(`${baseUrl}/api/limited`, params));
  if (!responses.every(answered)) return null;
  const good = responses.slice(0, 100).every(({ status: given }) => given === 200);
  return good && responses.slice(100).every(({ status: given }) => given === 429);
};
