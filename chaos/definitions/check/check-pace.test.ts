import { expect, test } from 'vitest';
import { drill } from '../../schema/drill.ts';
import { environment } from '../../schema/environment.ts';
import { checkDrill } from './check-drill.ts';
import { checkAgain, checkPace, notesOnPace } from './check-pace.ts';

const aws = { account: '123456789012', region: 'eu-central-1' };
const components = {
  db: { provider: 'aws', rds: { instance: 'projects' } },
  sessions: { provider: 'aws', elasticache: { group: 'sessions' } },
  here: { provider: 'local', process: { pidFile: 'here.pid' } },
};
const staging = environment.parse({ name: 'staging', aws, components });
const standIn = environment.parse({
  name: 'staging',
  aws: { ...aws, endpoint: 'http://127.0.0.1:5000' },
  components,
});

function loaded(...faults: object[]) {
  const value = drill.parse({
    name: 'd',
    load: [{ scenario: 'spike' }],
    faults,
    objectives: [{ name: 'o', errors: true, below: '1%' }],
  });
  return { value, file: '', shown: 'd.yaml', text: '', placeOf: () => ({ line: 1, column: 1 }) };
}
const failover = (component: string, expect: object = {}) => ({
  name: `${component}-lost`,
  kind: 'failover',
  component,
  at: '20s',
  expect,
});

test('a load that ends before a failover can be felt is refused, and told how long it has to be', () => {
  const [issue, ...more] = checkPace(loaded(failover('db')), staging, 79_000);
  expect(issue).toMatchObject({
    rule: 'the load ends 59s after this fault, and a failover of "db" takes 60s and more',
    fix: 'make the load at least 80s long (its vars), better 140s',
  });
  expect(more).toEqual([]);
  expect(checkPace(loaded(failover('db')), staging, 80_000)).toEqual([]);
});

test('what FIS does ends half a minute after its time: the load has to be there', () => {
  const role = 'arn:aws:iam::123456789012:role/fis';
  const link = { provider: 'aws', fis: { subnets: ['subnet-0a1b2c3d'], role } };
  const there = environment.parse({ name: 'staging', aws, components: { link } });
  const cut = { name: 'cut', kind: 'partition', component: 'link', at: '20s', for: '15s' };
  const [issue] = checkPace(loaded(cut), there, 64_000);
  expect(issue).toMatchObject({
    rule: 'the load ends 44s after this fault, and a partition of "link" takes 45s and more',
    fix: 'make the load at least 65s long (its vars), better 95s',
  });
  expect(checkPace(loaded(cut), there, 65_000)).toEqual([]);
  expect(notesOnPace(loaded({ ...cut, expect: { downtimeBelow: '20s' } }).value, there, 95_000)).toEqual([]);
});

test('nothing is refused where the length of the load, or the pace, is not known', () => {
  expect(checkPace(loaded(failover('db')), staging, undefined)).toEqual([]);
  expect(checkPace(loaded(failover('db')), standIn, 30_000)).toEqual([]);
  expect(checkPace(loaded({ ...failover('here'), kind: 'kill' }), staging, 21_000)).toEqual([]);
});

test('a plan says which promises suit a local environment, and what comes too soon', () => {
  const faults = [
    failover('sessions', { downtimeBelow: '10s', recoverWithin: '90s' }),
    { name: 'next', kind: 'kill', component: 'here', at: '60s' },
  ];
  expect(notesOnPace(loaded(...faults).value, staging, 100_000)).toEqual([
    'sessions-lost: downtimeBelow 10s suits a local environment, 5s to 60s of downtime are usual for "sessions"',
    'sessions-lost: it may take up to 120s, and the load ends 80s after it: then nothing is proven',
    'sessions-lost: it may take up to 120s, and next comes 40s after it: what fails from then on counts to next',
  ]);
  expect(notesOnPace(loaded(failover('sessions')).value, standIn, 30_000)).toEqual([]);
});

const twice = (component: string, ...at: string[]) =>
  at.map((one, i) => ({ ...failover(component), name: `lost-${i}`, at: one }));

test('a database that had a failover is left alone for twelve minutes, or the second is refused', () => {
  expect(checkAgain(loaded(...twice('db', '20s', '12min')), staging)).toMatchObject([
    {
      rule: 'comes 700s after "lost-0", and until 720s have passed "db" is not made to fail over again',
      fix: 'write 740s or later, or make two drills of it',
    },
  ]);
  expect(checkAgain(loaded(...twice('db', '20s', '740s')), staging)).toEqual([]);
  // In the order of time, not of the file.
  expect(checkAgain(loaded(...twice('db', '5min', '20s')), staging)).toMatchObject([
    { rule: expect.stringContaining('comes 280s after "lost-1"') },
  ]);
});

test('shards of one group wait for each other, and nothing else waits', () => {
  const feeds = (shard: string) => ({ provider: 'aws', elasticache: { group: 'Feeds', shard } });
  const parts = { ...components, one: feeds('0001'), two: feeds('0002') };
  const both = [failover('one'), { ...failover('two'), at: '14min' }];
  const there = environment.parse({ name: 'staging', aws, components: parts });
  expect(checkAgain(loaded(...both), there)).toMatchObject([
    {
      rule: 'comes 820s after "one-lost", and until 900s have passed group feeds is not made to fail over again',
    },
  ]);
  const apart = [failover('db'), { ...failover('sessions'), at: '60s' }];
  expect(checkAgain(loaded(...apart), staging)).toEqual([]);
  expect(checkAgain(loaded(...twice('db', '20s', '60s')), standIn)).toEqual([]);
});

test('validate says so, too, of a drill with its environment', () => {
  const given = {
    value: staging,
    file: '',
    shown: 'e.yaml',
    text: '',
    placeOf: () => ({ line: 1, column: 1 }),
  };
  const rules = checkDrill(loaded(...twice('db', '20s', '60s')), given).map(({ rule }) => rule);
  expect(rules).toContainEqual(expect.stringContaining('comes 40s after "lost-0"'));
});
