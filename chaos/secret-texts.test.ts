import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { redactor } from '../orchestrator/journal/redact.ts';
import { runFacts } from '../orchestrator/report/facts.ts';
import { createCsvScan } from '../orchestrator/samples/record/csv-scan.ts';
import { maskTexts } from '../orchestrator/samples/record/mask.ts';
import { createCsvText } from '../orchestrator/samples/recording/csv-text.ts';
import { HEADER, line } from '../test/csv-lines.ts';
import { maskSecrets } from './definitions/issues/mask-secrets.ts';
import { resolveSecrets } from './definitions/secrets/resolve-secrets.ts';
import { environment } from './schema/environment.ts';
import { isTellingName, passwordsOf, secretTexts } from './secret-texts.ts';

/** Every sign that some form changes. */
const CANARY = `c&n"a\\r<y>'9 /+?é!(x)`;

const goLog = (text: string) =>
  JSON.stringify(text).replace(/[&<>]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
const goQuery = (text: string) =>
  encodeURIComponent(text)
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');

/** How others write it, each by the means that they have. */
const FORMS: readonly (readonly [string, (secret: string) => string])[] = [
  ['plain', (secret) => `token ${secret}!`],
  ['JSON', (secret) => JSON.stringify({ token: secret })],
  ['JSON of Go', (secret) => goLog(`token ${secret}`)],
  ['JSON in JSON', (secret) => JSON.stringify(JSON.stringify({ token: secret }))],
  ['JSON in JSON of Go', (secret) => goLog(goLog(secret))],
  ['a query', (secret) => `http://h/?token=${encodeURIComponent(secret)}&a=1`],
  ['a query of Go', (secret) => `http://h/?token=${goQuery(secret)}&a=1`],
  [
    'a query in lower case',
    (secret) => `?t=${encodeURIComponent(secret).replace(/%../g, (c) => c.toLowerCase())}`,
  ],
  ['a form', (secret) => new URLSearchParams({ token: secret }).toString()],
  ['a path', (secret) => `http://h/${encodeURI(secret)}/a`],
  ['CSV', (secret) => `a,"${secret.replaceAll('"', '""')}",b`],
  ['base64', (secret) => Buffer.from(secret).toString('base64')],
  ['base64 after one byte', (secret) => Buffer.from(`:${secret}`).toString('base64')],
  ['base64 after two', (secret) => Buffer.from(`u:${secret}:x`).toString('base64')],
  ['base64url', (secret) => Buffer.from(`user:${secret}`).toString('base64url')],
  ['base64 in a URL', (secret) => `?a=${encodeURIComponent(Buffer.from(secret).toString('base64'))}`],
];

/** What tells that something of it is left: any form has a longer piece of it, or of its base64. */
function left(text: string): boolean {
  return secretTexts([CANARY]).some((form) => text.includes(form));
}

test.each(FORMS)('a secret as %s is left in no output of any masker', (_form, written) => {
  const text = written(CANARY);
  expect(left(text), 'it was there').toBe(true);
  const redact = redactor([CANARY]);
  const event = { type: 'note', text, vars: { [text]: text }, deep: [{ labels: { [text]: [text] } }] };
  expect(left(JSON.stringify(redact(event)))).toBe(false);
  expect(redact(text)).not.toBe(text);
  const recorded = masked(
    [
      line({ metric: 'http_reqs', tags: { url: text, name: text, group: `::setup::${text}` } }),
      line({ metric: 'own', extra: `who=${text}`, metadata: `squall_write=${text}` }),
      line({ metric: text.replaceAll(/[^\w]/g, '').slice(0, 4) + text }),
      `panic: ${text}\n`,
      `panic: ${text.replaceAll('"', '""')}\n`,
    ].join(''),
  );
  expect(recorded).toContain('***');
  expect(left(recorded)).toBe(false);
});

test('with what stands around it, nothing of a secret is left that tells it', () => {
  const redact = redactor(['hunter2-hunter2']);
  expect(redact('a hunter2-hunter2 b')).toBe('a [redacted] b');
  expect(redact(Buffer.from('u:hunter2-hunter2').toString('base64'))).toMatch(/^.{0,4}\[redacted\].{0,2}$/);
});

const TELLING = [
  'TOKEN',
  'x-token',
  'API_KEY',
  'apikey',
  'ACCESS_KEY',
  'DB_PASSWORD',
  'passwd',
  'PASSPHRASE',
  'DB_PWD',
  'Authorization',
  'x-auth',
  'BASIC_AUTH',
  'PRIVATE_KEY',
  'Cookie',
  'CLIENT_SECRET',
  'CREDENTIALS',
  'SENTRY_DSN',
];
const SETTINGS = ['RATE', 'AUTHOR', 'authors', 'AUTH_URL', 'AUTH_MODE', 'PRIVATE_PORT', 'BASE_URL', 'REGION'];

test('the names that announce a secret are the same for what is resolved, what is quoted and what is reported', () => {
  expect(TELLING.filter((name) => !isTellingName(name))).toEqual([]);
  expect(SETTINGS.filter(isTellingName)).toEqual([]);
  for (const name of TELLING) {
    expect(maskSecrets(`  ${name}: hunter2-hunter2`), name).toBe(`  ${name}: ***************`);
    const vars = { [name.replaceAll('-', '_')]: 'hunter2-hunter2' };
    const { secrets } = resolveSecrets(environment.parse({ name: 'e', vars }), {});
    expect(secrets, name).toContain('hunter2-hunter2');
    expect(JSON.stringify(reported(vars)), name).not.toContain('hunter2');
  }
  for (const name of SETTINGS) {
    expect(maskSecrets(`  ${name}: a value`), name).toBe(`  ${name}: a value`);
    expect(JSON.stringify(reported({ [name]: 'a value' })), name).toContain('a value');
  }
});

test('a URL’s password counts in every way that it can be written', () => {
  expect(passwordsOf('redis://:p%40ss@h:6379')).toEqual(['p%40ss', 'p@ss']);
  expect(passwordsOf('http://h/a')).toEqual([]);
  expect(passwordsOf('no URL')).toEqual([]);
});

test('half a character does not keep the rest from being hidden', () => {
  expect(redactor(['key-\ud800-9'])('a key-\ud800-9 b')).toBe('a [redacted] b');
});

function masked(lines: string): string {
  const pieces: Buffer[] = [];
  const text = createCsvText((piece) => pieces.push(Buffer.from(piece)));
  const scan = createCsvScan(maskTexts(text, [CANARY]));
  scan.push(Buffer.from(HEADER + lines));
  scan.end();
  text.flush();
  return Buffer.concat(pieces).toString();
}

function reported(vars: Record<string, string>): unknown {
  const drill = { load: [{ script: 'a.js', vars }] };
  const lines = [
    { at: 1, event: { type: 'run-started', drill } },
    { at: 2, event: { type: 'load-started', load: 0, script: 'a.js', k6: '2' } },
  ];
  return runFacts({ lines, damage: null } as unknown as Parameters<typeof runFacts>[0]).loads;
}
