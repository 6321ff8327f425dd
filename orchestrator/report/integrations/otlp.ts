import { createHash } from 'node:crypto';
import type { FaultResult, Outcome, Verdict } from '../../verdict.types.ts';
import { type Integration, jsonDelivery, under } from './integration.ts';
import { faultTitle, summary, title } from './words.ts';

/**
 * The run as one trace, by OTLP over HTTP with JSON (`POST /v1/traces`): a span for the run, below it one for each phase and each
 * fault, below these one for each outage; what was seen when is an event of its fault. Ids come from the run's id, so a run that is
 * sent twice is the same trace. https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
export const otlp: Integration<'otlp'> = {
  name: 'otlp',
  deliveries({ url, headers, service }, { verdict, link, squall }) {
    const spans = [
      runSpan(verdict, link),
      ...phaseSpans(verdict),
      ...verdict.faults.flatMap((one) => faultSpans(verdict, one)),
    ];
    const resource = { attributes: attributes({ 'service.name': service, 'service.version': squall }) };
    const body = {
      resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'squall', version: squall }, spans }] }],
    };
    return [{ ...jsonDelivery(under(url, '/v1/traces'), body, headers), problem: partialFailure }];
  },
};

/** 32 hexadecimal digits, never all zero. */
export function traceIdOf(run: string): string {
  return hash(run).slice(0, 32);
}

const STATUS: Readonly<Record<Outcome, number>> = { PASS: 1, FAIL: 2, INVALID: 0 };
const INTERNAL = 1;

function runSpan(verdict: Verdict, link: string | undefined) {
  const { run, drill, environment, startedAt, endedAt } = verdict;
  return span(run, ['run'], title(verdict), startedAt, endedAt, {
    attributes: {
      'squall.run': run,
      'squall.drill': drill,
      'squall.environment': environment,
      'squall.verdict': verdict.verdict,
      'squall.report': link,
    },
    result: verdict.verdict,
    message: summary(verdict),
  });
}

function phaseSpans({ run, phases }: Verdict) {
  return phases.map(({ name, from, to, requests, errors, p95 }, index) =>
    span(run, ['run', `phase ${index} ${name}`], `phase ${name}`, from, to, {
      attributes: {
        'squall.phase': name,
        'squall.requests': requests,
        'squall.errors': errors,
        'squall.p95_ms': p95,
      },
    }),
  );
}

/** A fault that never went in has no time, and so no span: the run's status says why. */
function faultSpans({ run, endedAt }: Verdict, fault: FaultResult) {
  const { name, injectedAt, removedAt, firstBadAt, detectedAt, recoveredAt } = fault;
  if (injectedAt === null) return [];
  const seen = {
    in: injectedAt,
    'first bad request': firstBadAt,
    detected: detectedAt,
    out: removedAt,
    recovered: recoveredAt,
  };
  const times = Object.values(seen).flatMap((at) => (at === null ? [] : [at]));
  const own = ['run', `fault ${name}`];
  const whole = span(run, own, `${fault.kind} ${fault.component}`, earliest(times), latest(times), {
    attributes: {
      'squall.fault': name,
      'squall.kind': fault.kind,
      'squall.component': fault.component,
      'squall.targets': fault.targets.join(', '),
      'squall.downtime_ms': fault.downtimeMs,
      'squall.failed_requests': fault.failedRequests,
    },
    events: Object.entries(seen).flatMap(([what, at]) =>
      at === null ? [] : [{ timeUnixNano: nano(at), name: what }],
    ),
    result: fault.result,
    message: fault.reason || faultTitle(fault),
  });
  const outages = fault.outages.map(({ request, from, to, downtimeMs }, index) =>
    span(run, [...own, `outage ${index}`], `outage of ${request}`, from, to ?? endedAt, {
      attributes: { 'squall.request': request, 'squall.downtime_ms': downtimeMs },
      result: 'FAIL',
    }),
  );
  return [whole, ...outages];
}

interface More {
  readonly attributes: Readonly<Record<string, string | number | null | undefined>>;
  readonly events?: readonly { readonly timeUnixNano: string; readonly name: string }[];
  readonly result?: Outcome;
  readonly message?: string;
}

/** @param path the names from the run's span to this one: its id, and that of its parent, come from them */
function span(run: string, path: readonly string[], name: string, from: string, to: string, more: More) {
  const parent = path.slice(0, -1);
  return {
    traceId: traceIdOf(run),
    spanId: spanId(run, path),
    ...(parent.length === 0 ? {} : { parentSpanId: spanId(run, parent) }),
    name,
    kind: INTERNAL,
    startTimeUnixNano: nano(from),
    endTimeUnixNano: nano(to),
    attributes: attributes(more.attributes),
    events: more.events ?? [],
    status: { code: more.result === undefined ? 0 : STATUS[more.result], message: more.message ?? '' },
  };
}

function spanId(run: string, path: readonly string[]): string {
  return hash(JSON.stringify([run, ...path])).slice(0, 16);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** 64-bit numbers are texts in this encoding. */
function nano(iso: string): string {
  return `${Date.parse(iso)}000000`;
}

function attributes(values: More['attributes']) {
  return Object.entries(values).flatMap(([key, value]) =>
    value === null || value === undefined ? [] : [{ key, value: anyValue(value) }],
  );
}

function anyValue(value: string | number): Readonly<Record<string, string | number>> {
  if (typeof value === 'string') return { stringValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

function earliest(times: readonly string[]): string {
  return times.reduce((one, other) => (Date.parse(other) < Date.parse(one) ? other : one));
}

function latest(times: readonly string[]): string {
  return times.reduce((one, other) => (Date.parse(other) > Date.parse(one) ? other : one));
}

/** A collector that takes only a part answers with 200. */
function partialFailure(body: string): string | null {
  const rejected = /"rejectedSpans"\s*:\s*"?([1-9]\d*)/.exec(body)?.[1];
  return rejected === undefined ? null : `refused ${rejected} of the spans: ${body}`;
}
