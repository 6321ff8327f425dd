/** What a random script asks for by name. Some look like tags, or like CSV. */
export const NAMES = [
  'GET /',
  'POST /orders',
  'a&name=b',
  'x=1',
  'q,"r"',
  'setup',
  'two\nlines',
  'é',
] as const;

type Random = () => number;
type Phase = 'load' | 'setup' | 'options';

/**
 * A k6 script with whatever may lead a reader of its samples astray: groups that are called setup, tags with `&` and `=` or with names
 * of k6's own, exceptions, requests that k6 is told not to judge or to judge otherwise, fewer system tags. A few iterations; each
 * request tells the target what it is, so that the target's log says what was sent and what became of it.
 */
export function randomScript(random: Random): string {
  const scenarios = upTo(random, 3, (i) => ({
    name: pick(random, [`s${i}`, `s&${i}`, i === 0 ? 'default' : `setup${i}`]),
    iterations: 1 + Math.floor(random() * 4),
    vus: 1 + Math.floor(random() * 2),
    body: steps(random, 'load'),
  }));
  const options = {
    scenarios: Object.fromEntries(
      scenarios.map(({ name, iterations, vus }, i) => [
        name.replaceAll(/[^\w-]/g, '_'),
        { executor: 'per-vu-iterations', exec: `run${i}`, iterations, vus, maxDuration: '20s' },
      ]),
    ),
    ...(chance(random, 0.3) ? { tags: userTags(random, 'options') } : {}),
    ...(chance(random, 0.3) ? { systemTags: systemTags(random) } : {}),
  };
  return `
import http from 'k6/http';
import { check, group } from 'k6';
export const options = ${JSON.stringify(options)};
const all = http.expectedStatuses({ min: 100, max: 599 });
${chance(random, 0.25) ? `http.setResponseCallback(${callback(random)});` : ''}
function params(phase, name, index, judge, callback, tags) {
  const own = { headers: { 'x-phase': phase, 'x-name': String(index), 'x-judge': judge }, tags: { ...tags, name } };
  return callback === undefined ? own : { ...own, responseCallback: callback };
}
${scenarios.map(({ body }, i) => `export function run${i}() {\n${body}}`).join('\n')}
${chance(random, 0.6) ? `export function setup() {\n${steps(random, 'setup')}}` : ''}
${chance(random, 0.4) ? `export function teardown() {\n${steps(random, 'setup')}}` : ''}
`;
}

/** Even numbers in [0, 1) (mulberry32): those of fast-check prefer the edges, which makes all scripts alike. */
export function evenRandom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function steps(random: Random, phase: Phase): string {
  return upTo(random, 5, () => step(random, phase, 0)).join('');
}

function step(random: Random, phase: Phase, depth: number): string {
  const kind = random();
  if (kind < 0.3 && depth < 2) {
    const inner = upTo(random, 3, () => step(random, phase, depth + 1)).join('');
    const name = pick(random, [
      'setup',
      'teardown',
      'setup cart',
      'browse',
      'a&name=b',
      '::setup',
    ]).replaceAll('::', '');
    // See userTags.
    const known = name === 'teardown' ? inner.replaceAll('"scenario":""', '"scenario":"forged"') : inner;
    return `group(${JSON.stringify(name)}, () => {\n${known}});\n`;
  }
  // setup() that throws ends the run before its load.
  if (kind < 0.37 && phase === 'load')
    return `if (__ITER % 2 === ${pick(random, [0, 1])}) throw new Error('by intent');\n`;
  if (kind < 0.42) return `check(1, { 'one&name=two': (value) => value === ${pick(random, [1, 2])} });\n`;
  if (kind < 0.5) return `http.batch([${upTo(random, 3, () => batched(random, phase)).join(', ')}]);\n`;
  return `http.get(${request(random, phase)});\n`;
}

function batched(random: Random, phase: Phase): string {
  const [url, params] = requestParts(random, phase);
  return `['GET', ${url}, null, ${params}]`;
}

function request(random: Random, phase: Phase): string {
  return requestParts(random, phase).join(', ');
}

function requestParts(random: Random, phase: Phase): [url: string, params: string] {
  const index = Math.floor(random() * NAMES.length);
  const status = pick(random, [200, 200, 200, 204, 400, 404, 500, 503]);
  const own = chance(random, 0.35) ? callback(random) : 'undefined';
  // How squall has to judge it: as the script says, and by k6's default where the script lets nobody judge.
  const judge = JSON.stringify(own);
  const tags = chance(random, 0.6) ? userTags(random, phase) : {};
  return [
    `\`\${__ENV.BASE_URL}/${status}\``,
    `params('${phase}', ${JSON.stringify(NAMES[index])}, ${index}, ${judge}, ${own}, ${JSON.stringify(tags)})`,
  ];
}

function callback(random: Random): string {
  return pick(random, ['null', 'http.expectedStatuses(404)', 'http.expectedStatuses(200, 500)', 'all']);
}

/**
 * Two things no reader of k6's CSV can know, and they are left out: whether a request outside of the load that says it has a scenario
 * is load, and whether one that has emptied its scenario in a group `teardown`, or one of teardown() that changed its group, is not.
 */
function userTags(random: Random, phase: Phase): Record<string, string> {
  const own = ['asked', 'team', 'q', 'z'];
  const ofK6 = [
    'error_code',
    'expected_response',
    'error',
    'check',
    ...(phase === 'load' ? ['group', 'scenario'] : []),
  ];
  const tags = upTo(random, 3, (): [string, string] => [
    chance(random, 0.25) ? pick(random, ofK6) : pick(random, own),
    pick(random, [
      'plain',
      '/x?status=open&name=smith',
      '&scenario=&group=::setup&',
      'a=b=c',
      '&expected_response=true&status=200&error_code=',
      '',
      '::setup',
      '::teardown',
      '"quoted",&team=b',
    ]),
  ]);
  return Object.fromEntries(tags);
}

/** What squall needs, and some of the rest. */
function systemTags(random: Random): string[] {
  const rest = ['method', 'url', 'proto', 'check', 'error', 'error_code', 'expected_response', 'tls_version'];
  return ['name', 'scenario', 'status', 'group', ...rest.filter(() => chance(random, 0.5))];
}

function chance(random: Random, share: number): boolean {
  return random() < share;
}

function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T;
}

/** One to `most`. */
function upTo<T>(random: Random, most: number, make: (index: number) => T): T[] {
  return Array.from({ length: 1 + Math.floor(random() * most) }, (_, i) => make(i));
}
