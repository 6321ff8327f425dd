import path from 'node:path';
import { expect, test } from 'vitest';
import { loadDrill } from '../../chaos/definitions/load-drill.ts';
import type { Register } from '../../chaos/schema/register.ts';
import { notMeasuredBy } from './not-measured.ts';

const { value: drill } = await loadDrill(path.resolve('chaos/drills/gateway-kill.yaml'));
const system = (components: string[]) => ({ title: 'A system', owner: 'us', components });
const register: Register = {
  systems: { gateway: system(['gateway']), control: system([]), studio: system(['producer']) },
  areas: {
    a: {
      title: 'A',
      system: 'gateway',
      promises: {
        fast: { bound: '< 1s', by: [{ drill: 'gateway-kill', objective: 'x' }] },
        seen: { bound: '< 1s', by: [{ objective: 'few-errors' }] },
        slow: {
          bound: '< 2s',
          by: [
            { drill: 'spike', objective: 'x' },
            { scenario: 'mix', objective: 'y' },
          ],
        },
        alert: { system: 'control', bound: 'soon', by: [{ drill: 'gateway-kill', probe: 'alerted' }] },
        loop: { system: 'control', bound: '30 s', notMeasured: 'not built yet' },
        back: {
          bound: 'always',
          parts: {
            here: { bound: '< 1s', by: [{ drill: 'gateway-kill', objective: 'x' }] },
            there: { bound: '< 1s', notMeasured: 'needs an account' },
          },
        },
        beats: { system: 'studio', bound: '< 1s', notMeasured: 'not built yet' },
      },
    },
  },
};

test('the promises of the systems that a drill is about, without those that it measures', () => {
  expect(notMeasuredBy(drill, [{ name: 'few-errors' }], register)).toEqual([
    { id: 'slow', bound: '< 2s', owner: 'us', reason: 'measured by drill spike, scenario mix' },
    { id: 'loop', bound: '30 s', owner: 'us', reason: 'not built yet' },
    { id: 'back, there', bound: '< 1s', owner: 'us', reason: 'needs an account' },
  ]);
});

test('a system that the drill does not touch is left out, whatever it promises', () => {
  const ids = notMeasuredBy(drill, [], register).map(({ id }) => id);
  expect(ids).toContain('seen');
  expect(ids).not.toContain('beats');
});

test('a promise that is measured elsewhere is listed with the place', () => {
  const by = [{ drill: 'gateway-kill', environment: 'staging', objective: 'x' }];
  const promises = { there: { bound: '< 1s', by } };
  const inStaging = { ...register, areas: { a: { title: 'A', system: 'gateway', promises } } };
  const row = {
    id: 'there',
    bound: '< 1s',
    owner: 'us',
    reason: 'measured by drill gateway-kill in staging',
  };
  expect(notMeasuredBy(drill, [], inStaging, 'local')).toEqual([row]);
  expect(notMeasuredBy(drill, [], inStaging, 'staging')).toEqual([]);
});
