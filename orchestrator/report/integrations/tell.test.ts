import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { integrations } from '../../../chaos/schema/integrations.ts';
import { redactor } from '../../journal/redact.ts';
import { realisticRun } from '../fixtures/realistic.ts';
import { tell } from './tell.ts';

interface Call {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** Far away: the machine may be busy. */
const limits = { allMs: 25_000, tryMs: 20_000, pauseMs: 10 };
const SECRET = 'canary-token-51c2';

/** A server of this test that answers as it is told. */
async function service(answer: (response: ServerResponse, call: Call, count: number) => void) {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const call = { method, url, headers, body: Buffer.concat(pieces).toString('utf8') };
      calls.push(call);
      answer(response, call, calls.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls };
}

const ok = (response: ServerResponse) => void response.end('ok');

/** As it is when secrets are resolved: the schema only takes references. */
function settingsFor(url: string, only?: string) {
  const reference = '$' + '{env:X}';
  const all = {
    grafana: { url, token: reference },
    prometheus: { pushgateway: url },
    otlp: { url, headers: { 'x-key': 'k' } },
    datadog: { url, apiKey: reference },
    pagerduty: { url: `${url}/v2/enqueue`, routingKey: reference },
    slack: { webhook: reference },
    splunk: { url, token: reference },
  };
  const picked = Object.entries(all).filter(([name]) => only === undefined || name === only);
  const parsed = integrations.parse(Object.fromEntries(picked));
  const text = JSON.stringify(parsed).replaceAll(reference, SECRET);
  const resolved = JSON.parse(text) as typeof parsed;
  return resolved.slack
    ? { ...resolved, slack: { ...resolved.slack, webhook: `${url}/hook/${SECRET}` } }
    : resolved;
}

function tellFrom(url: string, more: { only?: string; link?: string; ca?: string; tryMs?: number } = {}) {
  const { verdict } = realisticRun('FAIL').judgement;
  const settings = settingsFor(url, more.only);
  return tell({
    integrations: more.link === undefined ? settings : { ...settings, link: more.link },
    told: { verdict, squall: '1.2.3' },
    http: more.ca === undefined ? undefined : { ca: more.ca },
    redact: redactor([SECRET]),
    limits: { ...limits, tryMs: more.tryMs ?? limits.tryMs },
  });
}

test('everybody is told, each in its own way, with its own secret', async () => {
  const { url, calls } = await service(ok);
  const told = await tellFrom(url, { link: 'https://ci.example.com/{run}/{drill}' });
  expect(told.map(({ name, problem }) => [name, problem])).toEqual(
    ['grafana', 'prometheus', 'otlp', 'datadog', 'pagerduty', 'slack', 'splunk'].map((name) => [name, null]),
  );
  const to = (path: string) => calls.filter((call) => call.url === path);
  const faults = realisticRun('FAIL').judgement.verdict.faults.length;
  expect(to('/api/annotations').length).toBeGreaterThan(faults);
  expect(to('/api/annotations')[0]?.headers.authorization).toBe(`Bearer ${SECRET}`);
  expect(to('/metrics/job/squall/drill/spike/environment/local')[0]).toMatchObject({ method: 'PUT' });
  expect(to('/v1/traces')[0]?.headers['x-key']).toBe('k');
  expect(to('/api/v1/events')).toHaveLength(faults + 1);
  expect(to('/api/v1/events')[0]?.headers['dd-api-key']).toBe(SECRET);
  expect(JSON.parse(to('/v2/enqueue')[0]?.body ?? '')).toMatchObject({
    routing_key: SECRET,
    event_action: 'trigger',
    client_url: 'https://ci.example.com/20260504-140307-spike/spike',
  });
  expect(to(`/hook/${SECRET}`)).toHaveLength(1);
  expect(to('/services/collector/event')[0]?.headers.authorization).toBe(`Splunk ${SECRET}`);
});

describe('the others are told, and who is not is named:', () => {
  test('nobody listens', async () => {
    const { url } = await service(ok);
    for (const close of closing.splice(0)) close();
    const told = await tellFrom(url);
    expect(told).toHaveLength(7);
    for (const { problem, sent } of told) {
      expect(problem).toMatch(/127\.0\.0\.1:\d+ refused the connection$/);
      expect(sent).toBe(0);
    }
  });

  test('a service that never answers costs its limit and no more', async () => {
    const { url } = await service(() => {});
    const [told] = await tellFrom(url, { only: 'splunk', tryMs: 300 });
    expect(told).toMatchObject({ name: 'splunk', sent: 0, of: 1 });
    expect(told?.problem).toMatch(/^no answer within 300 ms/);
  });

  test('an answer that never ends', async () => {
    const { url } = await service((response) => {
      const more = setInterval(() => response.write('x'.repeat(1000)), 1);
      response.on('close', () => clearInterval(more));
    });
    expect(await tellFrom(url, { only: 'splunk' })).toMatchObject([{ problem: null, sent: 1 }]);
  });

  test('a refusal is final, is shown, and shows no secret', async () => {
    const { url, calls } = await service((response, call) => {
      response.statusCode = 403;
      response.end(`no entry\nwith ${call.headers.authorization}\u001b[2J${'y'.repeat(9_000)}`);
    });
    const [told] = await tellFrom(url, { only: 'grafana' });
    expect(told?.problem).toMatch(/^answered 403: no entry with Bearer \[redacted\]\\u001b\[2Jy+…$/);
    expect(calls).toHaveLength(1);
  });

  test('a refusal of several lines is one line here', async () => {
    const { url } = await service((response) => {
      response.statusCode = 404;
      response.end('404 page not found\n\n  see /docs\n');
    });
    expect((await tellFrom(url, { only: 'grafana' }))[0]?.problem).toBe(
      'answered 404: 404 page not found see /docs',
    );
  });

  test('a redirect is a refusal: a token goes nowhere else', async () => {
    const { url, calls } = await service((response) => {
      response.writeHead(302, { location: '/elsewhere' });
      response.end();
    });
    expect((await tellFrom(url, { only: 'grafana' }))[0]?.problem).toMatch(/^answered 302: /);
    expect(calls).toHaveLength(1);
  });

  test('a failure of the service passes at the second try', async () => {
    const { url, calls } = await service((response, _call, count) => {
      response.statusCode = count === 1 ? 503 : 202;
      response.end();
    });
    expect(await tellFrom(url, { only: 'splunk' })).toMatchObject([{ problem: null, sent: 1 }]);
    expect(calls).toHaveLength(2);
  });

  test('a collector that takes a part only', async () => {
    const { url } = await service((response) =>
      response.end('{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}}'),
    );
    expect((await tellFrom(url, { only: 'otlp' }))[0]?.problem).toMatch(/^refused 2 of the spans: .*too old/);
  });

  test('certificates that cannot be read', async () => {
    const { url, calls } = await service(ok);
    const told = await tellFrom(url, { ca: '/no/such.pem' });
    expect(told).toHaveLength(7);
    for (const { problem } of told) expect(problem).toMatch(/^the certificates of http\.ca cannot be read/);
    expect(calls).toEqual([]);
  });
});
