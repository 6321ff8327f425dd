import { describe, expect, test } from 'vitest';
import { readAlerts } from './alert-payload.ts';

const at = Date.parse('2026-01-01T00:00:10Z');
const read = (payload: unknown) => readAlerts(JSON.stringify(payload), at);
const labels = { alertname: 'SessionsDown', component: 'sessions' };
const taken = { receivedAt: at, status: 'firing', labels, annotations: {}, startsAt: '2026-01-01T00:00:00Z' };
const one = { status: 'firing', labels, annotations: {}, startsAt: '2026-01-01T00:00:00Z' };

describe('what others send is read', () => {
  test.each([
    [
      'Alertmanager, version 4, with the end that Go writes for none',
      {
        version: '4',
        groupKey: '{}:{alertname="SessionsDown"}',
        truncatedAlerts: 0,
        status: 'firing',
        receiver: 'squall',
        groupLabels: { alertname: 'SessionsDown' },
        commonLabels: labels,
        commonAnnotations: {},
        externalURL: 'http://alertmanager:9093',
        alerts: [
          {
            ...one,
            endsAt: '0001-01-01T00:00:00Z',
            generatorURL: 'http://p/graph',
            fingerprint: '02bb6ef2fce0',
          },
        ],
      },
    ],
    [
      'version 3: a number as the key of the group',
      { version: '3', groupKey: 5206633798846341000, alerts: [one] },
    ],
    [
      'before version 4: the status is that of the group',
      { status: 'firing', alerts: [{ ...one, status: undefined }] },
    ],
    [
      'Grafana, with values and its own fields',
      {
        receiver: 'My Super Webhook',
        status: 'firing',
        orgId: 1,
        state: 'alerting',
        title: '[FIRING:1]',
        message: '**Firing**',
        alerts: [
          {
            ...one,
            values: { B: 44.23943737541908, C: 1 },
            valueString: '',
            silenceURL: 'http://g',
            imageURL: '',
          },
        ],
      },
    ],
    ['annotations that are null', { alerts: [{ ...one, annotations: null }] }],
    ['annotations that are left out', { alerts: [{ ...one, annotations: undefined }] }],
    ['annotations that are no map', { alerts: [{ ...one, annotations: 'text' }] }],
    ['a status in capitals', { alerts: [{ ...one, status: 'FIRING' }] }],
    [
      'a list, as Prometheus and vmalert send it',
      [{ ...one, status: undefined, endsAt: '2026-01-01T00:04:00Z' }],
    ],
  ])('%s', (_, payload) => {
    expect(read(payload)).toEqual({ alerts: [taken], refused: new Map() });
  });

  test.each([
    ['null', null, null],
    ['left out', undefined, null],
    ['seconds', 1767225600, '2026-01-01T00:00:00.000Z'],
    ['milliseconds', 1767225600000, '2026-01-01T00:00:00.000Z'],
    ['no time', {}, null],
    ['longer than a time is', 'x'.repeat(100), null],
    ['with an offset', '2026-01-01T02:00:00.123456+02:00', '2026-01-01T02:00:00.123456+02:00'],
  ])('startsAt that is %s', (_, startsAt, seen) => {
    expect(read({ alerts: [{ ...one, startsAt }] }).alerts[0]?.startsAt).toBe(seen);
  });

  test('labels that are numbers, booleans, null or have parts', () => {
    const { alerts } = read({
      alerts: [{ ...one, labels: { ...labels, code: 503, up: false, none: null, of: [1] } }],
    });
    expect(alerts[0]?.labels).toEqual({ ...labels, code: '503', up: 'false', of: '[1]' });
  });

  test('a list without status: ended when its end has passed', () => {
    const ended = { ...one, status: undefined, endsAt: '2026-01-01T00:00:05Z' };
    expect(read([ended]).alerts[0]?.status).toBe('resolved');
  });

  test.each([[[]], [{ alerts: [] }], [{ alerts: null }], [{ status: 'resolved', alerts: [] }]])(
    'no alert at all: %j',
    (payload) => expect(read(payload)).toEqual({ alerts: [], refused: new Map() }),
  );
});

test('a label that is called like an inner part of every object is a label', () => {
  const { alerts } = readAlerts(
    '{"alerts":[{"status":"firing","labels":{"__proto__":"x","constructor":"y"}}]}',
    at,
  );
  expect(alerts[0]?.labels.constructor).toBe('y');
  expect(({} as Record<string, unknown>).x).toBeUndefined();
});

test('alerts that Alertmanager left out are counted', () => {
  expect(read({ alerts: [one], truncatedAlerts: 500 })).toEqual({
    alerts: [taken],
    refused: new Map([['the sender left them out (max_alerts)', 500]]),
  });
});

test('a comma too many, as a release of vmalert wrote it, is no JSON', () => {
  expect(() => readAlerts('[{"labels":{}},]', at)).toThrow('the body is not JSON');
});
