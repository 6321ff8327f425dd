import { expect, it } from 'vitest';
import { environment } from '../../schema/environment.ts';
import { DefinitionError } from '../issues/definition-error.ts';
import { resolveSecrets } from './resolve-secrets.ts';

const ref = (name: string) => `\${env:${name}}`;
const lab = environment.parse({
  name: 'lab',
  vars: { BASE_URL: 'http://127.0.0.1:9000', TOKEN: ref('LAB_TOKEN') },
  components: {
    db: {
      provider: 'local',
      postgres: {
        nodes: [
          { name: 'a', url: `postgres://u:${ref('PGPASS')}@127.0.0.1:1/db`, pidFile: 'a' },
          { name: 'b', url: 'postgres://u:p%40ss-in-file@127.0.0.1:2/db', pidFile: 'b' },
        ],
      },
    },
  },
  writes: { lookup: 'http://127.0.0.1/ids', headers: { Authorization: `Bearer ${ref('LAB_TOKEN')}` } },
});
const env = { LAB_TOKEN: 'canary-token', PGPASS: 'canary-password' };

it('puts secrets into vars, headers and URLs, and leaves the definition as it was', () => {
  const { environment: resolved } = resolveSecrets(lab, env);
  expect(resolved.vars).toEqual({ BASE_URL: 'http://127.0.0.1:9000', TOKEN: 'canary-token' });
  expect(resolved.writes?.headers.Authorization).toBe('Bearer canary-token');
  expect(JSON.stringify(resolved.components)).toContain('u:canary-password@');
  expect(JSON.stringify(lab)).not.toContain('canary');
});

it('lists all that must be redacted, longest first, passwords in URLs included, as written and decoded', () => {
  const { secrets } = resolveSecrets(lab, env);
  expect([...secrets].sort()).toEqual([
    'Bearer canary-token',
    'canary-password',
    'canary-token',
    'p%40ss-in-file',
    'p@ss-in-file',
  ]);
  expect(secrets.map((s) => s.length)).toEqual(secrets.map((s) => s.length).sort((a, b) => b - a));
});

it('names each variable that is missing or empty, and no value of another', () => {
  const refused = () => resolveSecrets(lab, { LAB_TOKEN: 'canary-token', PGPASS: '' });
  expect(refused).toThrow(DefinitionError);
  expect(refused).toThrow('components.db.postgres.nodes[0].url: the environment variable PGPASS is empty');
  expect(refused).not.toThrow('canary');
  expect(() => resolveSecrets(lab, {})).toThrow('the environment variable LAB_TOKEN is not set');
});

it('does not take what every object has for a variable', () => {
  const odd = environment.parse({ name: 'odd', vars: { A: ref('constructor') } });
  expect(() => resolveSecrets(odd, {})).toThrow('constructor is not set');
});

it('takes what stands in a header or variable of such a name for a secret, written into the file or not', () => {
  const literal = environment.parse({
    name: 'literal',
    vars: { USERNAME: 'not-a-secret', API_KEY: 'key-in-file', PASSWORD: 'squall' },
    writes: {
      lookup: 'http://127.0.0.1/ids',
      headers: { authorization: 'Basic dXNlcjpwYXNz', accept: 'anything' },
    },
  });
  expect(resolveSecrets(literal, {}).secrets).toEqual(['Basic dXNlcjpwYXNz', 'dXNlcjpwYXNz', 'key-in-file']);
});

it('takes a number for a setting, and refuses one for a secret: its digits are in every measurement', () => {
  const numbers = environment.parse({
    name: 'numbers',
    vars: { RATE: ref('RATE'), BASE_URL: `http://h:${ref('PORT')}` },
  });
  expect(resolveSecrets(numbers, { RATE: '100', PORT: '9000' })).toMatchObject({
    secrets: [],
    environment: { vars: { RATE: '100', BASE_URL: 'http://h:9000' } },
  });
  const pin = environment.parse({ name: 'pin', vars: { ACCESS_TOKEN: ref('PIN') } });
  expect(() => resolveSecrets(pin, { PIN: '4711' })).toThrow('the value of PIN is a number of a few digits');
  expect(() => resolveSecrets(pin, { PIN: '4711' })).not.toThrow('4711');
  expect(() => resolveSecrets(pin, { PIN: 'abc' })).toThrow('a text of a few letters');
});

it('takes a text of a few letters for a setting: it is in every other word', () => {
  const short = environment.parse({
    name: 'short',
    vars: { KEEPALIVE: ref('KEEPALIVE'), REGION: ref('REGION') },
  });
  expect(resolveSecrets(short, { KEEPALIVE: 'on', REGION: 'euro' }).secrets).toEqual(['euro']);
});
