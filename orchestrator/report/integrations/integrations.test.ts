// The services themselves cannot be had here; what they publish about their requests is checked instead.
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { integrations } from '../../../chaos/schema/integrations.ts';
import type { Verdict } from '../../verdict.types.ts';
import { realisticRun } from '../fixtures/realistic.ts';
import { integrationsOf } from './index.ts';
import type { HttpDelivery } from './integration.ts';

const reference = '$' + '{env:X}';
const settings = integrations.parse({
  grafana: { url: 'https://g.example.com/', token: reference, dashboard: 'abc', tags: ['team-a'] },
  otlp: { url: 'http://127.0.0.1:4318/v1/traces' },
  datadog: { apiKey: reference, site: 'datadoghq.eu', tags: ['team:a'] },
  pagerduty: { routingKey: reference, on: ['FAIL'] },
  slack: { webhook: reference },
  splunk: { url: 'https://s.example.com:8088', token: reference, index: 'main' },
});

function bodies(name: string, verdict: Verdict): unknown[] {
  const found = integrationsOf(settings).find((one) => one.name === name);
  const deliveries =
    found?.deliveries({ verdict, squall: '1.2.3', link: 'https://ci.example.com/a|b>c' }) ?? [];
  return (deliveries as HttpDelivery[]).flatMap(({ body }) =>
    name === 'splunk' ? body.split('\n').map((line) => JSON.parse(line)) : [JSON.parse(body)],
  );
}

/** The hardest texts: long, with markup, and more faults than anybody has. */
function hard(verdict: Verdict): Verdict {
  const long = `<!channel> & <b> ${'é'.repeat(5_000)}`;
  const [fault] = verdict.faults;
  if (fault === undefined) throw new Error('the fixture has faults');
  const { causes: _causes, ...rest } = verdict;
  return {
    ...rest,
    reasons: [long, long, long, long, long],
    faults: Array.from({ length: 60 }, (_, index) => ({ ...fault, name: `f${index}`, component: long })),
  };
}

const epochMs = z.int().min(1e12).max(1e13);
const SCHEMAS = {
  grafana: z.strictObject({
    dashboardUID: z.literal('abc'),
    time: epochMs,
    timeEnd: epochMs,
    tags: z.array(z.string().min(1)),
    text: z.string().min(1),
  }),
  datadog: z.strictObject({
    title: z.string().max(100),
    text: z.string().max(4_000),
    date_happened: z.int().min(1e9).max(1e10),
    alert_type: z.enum(['error', 'warning', 'info', 'success']),
    aggregation_key: z.string().max(100),
    source_type_name: z.string(),
    tags: z.array(z.string()),
  }),
  pagerduty: z.strictObject({
    routing_key: z.string(),
    event_action: z.literal('trigger'),
    dedup_key: z.string().max(255),
    client: z.string(),
    client_url: z.url(),
    links: z.array(z.strictObject({ href: z.url(), text: z.string() })),
    payload: z.strictObject({
      summary: z.string().min(1).max(1_024),
      source: z.string().min(1),
      severity: z.enum(['critical', 'error', 'warning', 'info']),
      timestamp: z.iso.datetime(),
      component: z.string(),
      group: z.string(),
      class: z.string(),
      custom_details: z.record(z.string(), z.unknown()),
    }),
  }),
  slack: z.strictObject({
    text: z.string().max(40_000),
    blocks: z
      .array(
        z.union([
          z.strictObject({
            type: z.literal('header'),
            text: z.strictObject({ type: z.literal('plain_text'), text: z.string().max(150) }),
          }),
          z.strictObject({
            type: z.literal('section'),
            text: z.strictObject({ type: z.literal('mrkdwn'), text: z.string().min(1).max(3_000) }),
          }),
        ]),
      )
      .max(50),
  }),
  splunk: z.strictObject({
    time: z.number().min(1e9).max(1e10),
    source: z.string(),
    sourcetype: z.string(),
    index: z.literal('main'),
    event: z.record(z.string(), z.unknown()),
  }),
} as const;

describe.each(Object.entries(SCHEMAS))('%s (a stand-in: its published schema)', (name, schema) => {
  test.each(['FAIL', 'hard'] as const)('a run that ends in %s fits', (which) => {
    const { verdict } = realisticRun('FAIL').judgement;
    const found = bodies(name, which === 'hard' ? hard(verdict) : verdict);
    expect(found).not.toEqual([]);
    for (const body of found) expect(() => schema.parse(body)).not.toThrow();
  });
});

test('Slack: no text of a target becomes a mention, and no link ends early', () => {
  const text = JSON.stringify(bodies('slack', hard(realisticRun('FAIL').judgement.verdict)));
  expect(text).not.toContain('<!channel>');
  expect(text).toContain('&lt;!channel&gt; &amp; &lt;b&gt;');
  expect(text).toContain('<https://ci.example.com/a%7Cb%3Ec|Report of ');
});

test('PagerDuty: PASS resolves what FAIL has triggered; what is not listed says nothing', () => {
  const of = (outcome: 'PASS' | 'FAIL' | 'INVALID') =>
    bodies('pagerduty', realisticRun(outcome).judgement.verdict);
  expect(of('FAIL')).toMatchObject([{ event_action: 'trigger', dedup_key: 'squall/local/spike' }]);
  expect(of('PASS')).toEqual([
    { routing_key: reference, event_action: 'resolve', dedup_key: 'squall/local/spike' },
  ]);
  expect(of('INVALID')).toEqual([]);
});

test('Grafana: a region for the run, each fault from in to out, and what it took to recover', () => {
  const { verdict } = realisticRun('PASS').judgement;
  const found = bodies('grafana', verdict) as { time: number; timeEnd: number; tags: string[] }[];
  const fault = verdict.faults.find((one) => one.recoveredAt !== null && one.removedAt !== null);
  expect(found[0]).toMatchObject({
    time: Date.parse(verdict.startedAt),
    timeEnd: Date.parse(verdict.endedAt),
  });
  expect(found[0]?.tags).toEqual(['squall', 'drill:spike', 'environment:local', 'team-a', 'run', 'PASS']);
  expect(found).toContainEqual(
    expect.objectContaining({
      time: Date.parse(String(fault?.injectedAt)),
      timeEnd: Date.parse(String(fault?.removedAt)),
    }),
  );
  for (const { time, timeEnd } of found) expect(timeEnd).toBeGreaterThanOrEqual(time);
});

test('OTLP: one trace, every parent is in it, and no span ends before it starts', () => {
  const { verdict } = realisticRun('FAIL').judgement;
  const [body] = bodies('otlp', verdict) as [{ resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }];
  const spans = body.resourceSpans[0]?.scopeSpans[0]?.spans ?? [];
  expect(spans.length).toBeGreaterThan(verdict.phases.length + verdict.faults.length);
  expect(new Set(spans.map((span) => span.traceId)).size).toBe(1);
  const ids = new Set(spans.map((span) => span.spanId));
  expect(ids.size).toBe(spans.length);
  expect(spans.filter((span) => span.parentSpanId === undefined)).toHaveLength(1);
  for (const span of spans) {
    expect(span.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(span.spanId).toMatch(/^[0-9a-f]{16}$/);
    if (span.parentSpanId !== undefined) expect(ids).toContain(span.parentSpanId);
    expect(BigInt(span.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span.startTimeUnixNano));
  }
  expect(spans[0]?.status).toMatchObject({ code: 2 });
});

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: object;
}
