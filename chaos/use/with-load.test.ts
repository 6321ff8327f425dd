import { expect, it } from 'vitest';
import { runs, trials } from '../../test/trials.ts';
import { cameWithLoad, notWithLoad, type Stretch } from './with-load.ts';

const before = (count: number, ms = 1_500): Stretch => ({ count, ms });
const four = (...counts: number[]): Stretch[] => counts.map((count) => ({ count, ms: 5_000 }));

it.each<[string, Stretch | undefined, Stretch[], boolean]>([
  ['nothing', before(0), four(0, 0, 0, 0), false],
  ['the load, where nothing was before', before(0), four(25, 25, 25, 25), true],
  ['as much as may have come by chance after nothing before', before(0), four(12, 12, 12, 12), false],
  ['two health checks a second, unseen before', before(0), four(10, 10, 11, 11), false],
  ['what was there before', before(15), four(50, 50, 50, 50), false],
  ['the same, a quarter busier', before(150), four(620, 620, 620, 620), false],
  ['the same, and the load', before(15), four(150, 150, 150, 150), true],
  ['a load that ended in between', before(0), four(50, 50, 50, 0), true],
  ['one burst', before(0), four(0, 0, 500, 0), false],
  ['two bursts', before(0), four(0, 200, 0, 200), false],
  ['a burst in a window too short to be cut', before(0), [{ count: 500, ms: 1_400 }], true],
  ['less than before', before(300), four(50, 50, 50, 50), false],
  ['what nobody looked at before', undefined, four(500, 500, 500, 500), false],
  ['what was looked at for no time', before(0, 0), four(500, 500, 500, 500), false],
])('%s', (_, earlier, parts, isLoads) => {
  expect(cameWithLoad({ before: earlier, parts })).toBe(isLoads);
});

it('says whether it was as before, or not known', () => {
  expect(notWithLoad({ before: before(3) })).toContain('no more than without the load');
  expect(notWithLoad({ before: undefined })).toContain('is not known');
});

type Random = () => number;
/** Moments in milliseconds, from 0 to `ms`, at which something comes. */
type Comes = (ms: number, random: Random) => number[];

/** A timer, late by up to a tenth now and then. */
const regular =
  (perSecond: number): Comes =>
  (ms, random) => {
    const every = 1_000 / perSecond;
    const count = Math.ceil(ms / every);
    const phase = random() * every;
    return Array.from({ length: count }, (_, index) => phase + (index + 0.1 * random()) * every);
  };

const byChance =
  (perSecond: number): Comes =>
  (ms, random) => {
    const moments: number[] = [];
    for (let at = 0; at < ms; at += (-Math.log(1 - random()) * 1_000) / perSecond) moments.push(at);
    return moments.slice(1);
  };

/** Many questions at once, every 15 s: an exporter that Prometheus reads. */
const exporter: Comes = (ms, random) => {
  const questions = 5 + Math.floor(25 * random());
  return regular(1 / 15)(ms, random).flatMap((at) => Array.from({ length: questions }, () => at));
};

/** The rule before there was a look at the time before the load: more than two a second, and two at the edges. */
const oldRule = (count: number, ms: number) => count > (2 * ms) / 1_000 + 2;

/** How often the rules say that it was the load, in per cent. */
function toldOf(pollers: Comes, load: Comes | undefined, random: Random, count: number) {
  let [byOld, byNew] = [0, 0];
  for (let trial = 0; trial < count; trial += 1) {
    const quietMs = 1_400 + 300 * random();
    const windowMs = 3_000 + 17_000 * random();
    const moments = pollers(quietMs + windowMs, random);
    const ofLoad = load?.(windowMs, random).map((at) => at + quietMs) ?? [];
    const all = [...moments, ...ofLoad];
    const inSpan = (from: number, ms: number): Stretch => ({
      count: all.filter((at) => at >= from && at < from + ms).length,
      ms,
    });
    const cuts = Math.min(4, Math.floor(windowMs / 1_500));
    const parts = Array.from({ length: cuts }, (_, index) =>
      inSpan(quietMs + (windowMs * index) / cuts, windowMs / cuts),
    );
    byOld += Number(oldRule(inSpan(quietMs, windowMs).count, windowMs));
    byNew += Number(cameWithLoad({ before: inSpan(0, quietMs), parts }));
  }
  return { byOld: (100 * byOld) / count, byNew: (100 * byNew) / count };
}

const COUNT = runs(1_000);
const perSecond = [0.2, 0.5, 1, 2, 3, 5, 10, 20, 50];

it('pollers without any load are taken for it in less than two of a hundred', () => {
  const { random } = trials('pollers', { full: COUNT, sample: COUNT });
  const told: [string, number][] = [];
  for (const rate of perSecond) {
    for (const [name, comes] of [
      ['regular', regular(rate)],
      ['by chance', byChance(rate)],
    ] as const) {
      const { byOld, byNew } = toldOf(comes, undefined, random, COUNT);
      process.stdout.write(`${rate}/s ${name}: ${byOld} % with the old rule, ${byNew} % now\n`);
      told.push([`${rate}/s ${name}`, byNew]);
    }
  }
  const { byOld, byNew } = toldOf(exporter, undefined, random, COUNT);
  process.stdout.write(`an exporter: ${byOld} % with the old rule, ${byNew} % now\n`);
  told.push(['an exporter', byNew]);
  expect(told.filter(([, share]) => share > 2)).toEqual([]);
});

it('a load of ten a second is found, and one that is ten times what others do', () => {
  const count = runs(300);
  const { random } = trials('a load beside pollers', { full: count, sample: count });
  const missed: [string, number][] = [];
  for (const [load, poller] of [
    [10, 0.5],
    [20, 2],
    [50, 5],
    [100, 10],
    [200, 20],
    [500, 50],
  ] as const) {
    const { byNew } = toldOf(regular(poller), byChance(load), random, count);
    process.stdout.write(`${load}/s beside ${poller}/s: found in ${byNew} %\n`);
    missed.push([`${load}/s beside ${poller}/s`, 100 - byNew]);
  }
  expect(missed.filter(([, share]) => share > 1)).toEqual([]);
});
