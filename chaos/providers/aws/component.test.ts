import { expect, test } from 'vitest';
import { checkEnvironment } from '../../definitions/check/check-environment.ts';
import { drillFault } from '../../faults/index.ts';
import { environment } from '../../schema/environment.ts';
import { factsOf } from '../definitions.ts';
import { awsComponent, awsSettings } from './component.ts';

const settings = { account: '123456789012', region: 'eu-central-1' };
const parse = (form: object) => awsComponent.safeParse({ provider: 'aws', ...form });
const FIS = { subnets: ['subnet-0a1b2c3d'], role: 'arn:aws:iam::123456789012:role/fis' };
const messages = (result: { error?: { issues: readonly { message: string }[] } | undefined }) =>
  result.error?.issues.map(({ message }) => message).join('\n') ?? '';

test.each([
  ['a short account', { ...settings, account: '1234' }, 'twelve digits'],
  ['an account that is a number', { ...settings, account: 123_456_789_012 }, 'expected string'],
  ['a zone for a region', { ...settings, region: 'eu-central-1a' }, 'is no region'],
  [
    'an endpoint elsewhere',
    { ...settings, endpoint: 'https://rds.example.com:443' },
    'on loopback with a port',
  ],
  [
    'an endpoint that only looks local',
    { ...settings, endpoint: 'http://127.0.0.1.example.com:80' },
    'on loopback',
  ],
  [
    'an endpoint with somebody in front',
    { ...settings, endpoint: 'http://127.0.0.1:80@example.com:80' },
    'on loopback',
  ],
])('%s is refused', (_, aws, says) => {
  expect(messages(awsSettings.safeParse(aws))).toContain(says);
});

test.each([
  ['two things at once', { rds: { instance: 'a' }, elasticache: { group: 'b' } }, 'exactly one thing'],
  ['nothing', {}, 'exactly one thing'],
  ['an instance and a cluster', { rds: { instance: 'a', cluster: 'b' } }, 'either an instance or a cluster'],
  ['a target for an instance', { rds: { instance: 'a', to: 'b' } }, 'which has no name'],
  ['a shard that is no four digits', { elasticache: { group: 'a', shard: '1' } }, 'is no shard'],
  [
    'a prefix list without its scope',
    { fis: { ...FIS, prefixList: 'pl-0a1b2c3d' } },
    'goes with scope: prefix-list',
  ],
  [
    'a subnet twice',
    { fis: { ...FIS, subnets: [FIS.subnets[0], FIS.subnets[0]] } },
    'the same subnet is there twice',
  ],
  [
    'more subnets than FIS takes',
    { fis: { ...FIS, subnets: Array.from({ length: 6 }, (_, index) => `subnet-0a1b2c3${index}`) } },
    'no more than five subnets',
  ],
  ['a role that is none', { fis: { ...FIS, role: 'fis' } }, 'is no role'],
  [
    'a percentile that is a share',
    { cloudwatch: { metric: { namespace: 'AWS/ECS', name: 'Time', statistic: 'p0.95' } } },
    'write p95, not p0.95',
  ],
  ['a name that AWS has not', { rds: { instance: 'a--b' } }, 'is no identifier'],
])('%s is no component', (_, form, says) => {
  expect(messages(parse(form))).toContain(says);
});

test('an orderly switch is refused in the drill', () => {
  const component = awsComponent.parse({ provider: 'aws', rds: { instance: 'projects' } });
  const fault = (mode: string) =>
    drillFault.parse({ name: 'f', kind: 'failover', component: 'db', at: '20s', params: { mode } });
  const { refusedParam, kinds } = factsOf(component);
  expect(kinds).toEqual(['failover']);
  expect(refusedParam?.(fault('demote'))?.rule).toContain('no orderly switch');
  expect(refusedParam?.(fault('kill'))).toBeUndefined();
});

test('a component on AWS needs an account, and two are not one thing', () => {
  const db = { provider: 'aws', rds: { instance: 'projects' } };
  const rulesOf = (value: object) =>
    checkEnvironment({
      value: environment.parse(value),
      file: '',
      shown: 'e.yaml',
      text: '',
      placeOf: () => ({ line: 1, column: 1 }),
    }).map(({ rule }) => rule);
  expect(rulesOf({ name: 'e', components: { db } })).toEqual([
    'a component on AWS needs to know its account',
  ]);
  expect(rulesOf({ name: 'e', aws: settings, components: { db } })).toEqual([]);
  const twin = { ...db, rds: { instance: 'Projects' } };
  expect(rulesOf({ name: 'e', aws: settings, components: { db, twin } })).toEqual([
    'component "db" has the same instance',
  ]);
});
