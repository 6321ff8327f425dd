import type { ReadingSource } from '../../../chaos/probes/kind.ts';
import { now } from '../../clock.ts';
import { readableMs } from '../../objectives/number-text.ts';
import type { HttpClient } from '../http-client.ts';
import { CannotRead } from './cannot-read.ts';
import { processStartMs, samplesOf } from './metrics-page.ts';
import { type Result, resultOf } from './promql.ts';

/** What was read once. Numbers by series: a counter of each starts anew by itself. */
export type Reading = Numbers | { readonly value: string | boolean };

export interface Numbers {
  readonly numbers: Readonly<Record<string, number>>;
  /** Where nothing is counted yet: says which series is not there. */
  readonly absent?: string;
  /** Epoch milliseconds, where the page says when its process started. */
  readonly startedAt?: number;
}

export interface ReadingOptions {
  /** It is for an increase or a rate. Client libraries write a series with labels only once it has counted something. */
  readonly counts?: boolean;
  /** Epoch milliseconds: a sample of before then is none. Left out: its age alone decides. */
  readonly since?: number | undefined;
}

/**
 * Reads a source once.
 * @throws CannotRead, CannotAsk or NoAnswer when there is no value; or the reason of the signal
 */
export async function readSource(
  http: HttpClient,
  source: ReadingSource,
  signal: AbortSignal,
  options: ReadingOptions = {},
): Promise<Reading> {
  switch (source.kind) {
    case 'page':
      return readPage(await textOf(http, source.url, signal), source, options);
    case 'promql':
      return { numbers: { '': await askServer(http, source, signal, options.since) } };
    case 'json':
      return readJson(await textOf(http, source.url, signal, true), source.path);
  }
}

/** Reads a source that has one number. @throws as readSource */
export async function readNumber(
  http: HttpClient,
  source: ReadingSource,
  signal: AbortSignal,
): Promise<number> {
  const reading = await readSource(http, source, signal);
  if (!('numbers' in reading)) throw new CannotRead(`${JSON.stringify(reading.value)} is no number`);
  return Object.values(reading.numbers).reduce((total, one) => total + one, 0);
}

type PageSource = Extract<ReadingSource, { kind: 'page' }>;

function readPage(
  page: string,
  { selector, sum, staleAfterMs }: PageSource,
  { counts = false, since }: ReadingOptions,
): Reading {
  const samples = samplesOf(page, selector);
  const startedAt = counts ? processStartMs(page) : undefined;
  const process = startedAt === undefined ? {} : { startedAt };
  if (samples.length === 0) {
    const absent = `the page has no series ${seriesText(selector)}`;
    if (counts) return { numbers: {}, absent, ...process };
    throw new CannotRead(absent);
  }
  if (samples.length > 1 && !sum)
    throw new CannotRead(
      `${samples.length} series fit ${seriesText(selector)}: name labels that tell one, or say \`sum: true\``,
    );
  const numbers: Record<string, number> = {};
  for (const { labels, value, at } of samples) {
    const ageMs = at === null ? 0 : now() - at;
    if (ageMs > staleAfterMs) throw new CannotRead(`the sample is ${readableMs(ageMs)} old`);
    if (at !== null && since !== undefined && at < since)
      throw new CannotRead(`the sample is of ${readableMs(since - at)} before the probe began`);
    if (!Number.isFinite(value))
      throw new CannotRead(`the page says ${value}, which is no number to compare`);
    const key = JSON.stringify(Object.entries(labels).sort());
    if (key in numbers) throw new CannotRead(`the page has the series ${seriesText(selector)} twice`);
    numbers[key] = value;
  }
  return { numbers, ...process };
}

function seriesText({ name, labels }: PageSource['selector']): string {
  const inside = labels.map(({ label, is, value }) => `${label}${is ? '=' : '!='}${JSON.stringify(value)}`);
  return inside.length === 0 ? name : `${name}{${inside.join(',')}}`;
}

type ServerSource = Extract<ReadingSource, { kind: 'promql' }>;

/**
 * A result says when it was worked out, and nothing of the age of its samples: that is up to the question. Soon after `since`, some targets
 * may have been scraped again and others not, and a sum would be of the former only. So it has to be the same with older samples, too.
 */
async function askServer(
  http: HttpClient,
  source: ServerSource,
  signal: AbortSignal,
  since = Number.NEGATIVE_INFINITY,
): Promise<number> {
  const whole = `${Math.ceil(source.staleAfterMs / 1000)}s`;
  const sinceMs = Math.max(1, Math.floor(now() - since));
  if (sinceMs >= source.staleAfterMs) return (await askOnce(http, source, signal, whole)).value;
  const fresh = await askOnce(http, source, signal, `${sinceMs}ms`).catch((error) => {
    throw error instanceof CannotRead
      ? new CannotRead(`of the samples since the probe began, ${error.message}`)
      : error;
  });
  const all = await askOnce(http, source, signal, whole, fresh.at);
  if (fresh.value !== all.value)
    throw new CannotRead(
      `some samples are from before the probe began: ${all.value}, without them ${fresh.value}`,
    );
  return fresh.value;
}

/** An old sample would be taken for a new one for five minutes: `lookback_delta` shortens that, from Prometheus 2.38 on. */
async function askOnce(
  http: HttpClient,
  { url, query, staleAfterMs }: ServerSource,
  signal: AbortSignal,
  lookback: string,
  at?: number,
): Promise<Result> {
  const base = new URL(url);
  base.pathname = `${base.pathname.replace(/\/$/, '')}/api/v1/query`;
  const time = at === undefined ? {} : { time: String(at) };
  base.search = new URLSearchParams({ query, lookback_delta: lookback, ...time }).toString();
  const response = await http.ask(base.href, { signal, headers: { accept: 'application/json' } });
  return resultOf(await response.text(), response.status, now(), staleAfterMs);
}

async function readJson(text: string, path: string): Promise<Reading> {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new CannotRead(`the answer is not JSON: ${beginning(text)}`);
  }
  const { valuesAt } = await import('../../../chaos/fields/json-path.ts');
  const values = valuesAt(path, data);
  if (values.length === 0) throw new CannotRead(`nothing in the answer is at ${path}`);
  if (values.length > 1) throw new CannotRead(`${values.length} values are at ${path}: one is needed`);
  const [value] = values;
  if (typeof value === 'number') return { numbers: { '': value } };
  if (typeof value === 'string' || typeof value === 'boolean') return { value };
  throw new CannotRead(
    `${path} is ${value === null ? 'null' : Array.isArray(value) ? 'a list' : 'an object'}`,
  );
}

/** A service that is not well may say so with a 5xx and JSON; a 4xx or a redirect is somebody else's answer. */
async function textOf(
  http: HttpClient,
  url: string,
  signal: AbortSignal,
  mayBeUnwell = false,
): Promise<string> {
  const response = await http.ask(url, { signal, headers: { 'cache-control': 'no-cache' } });
  const { status } = response;
  if (status === 200 || (mayBeUnwell && (status >= 500 || (status > 200 && status < 300))))
    return response.text();
  response.drop();
  throw new CannotRead(`answered ${status}`);
}

function beginning(text: string): string {
  return text.trim() === '' ? 'it is empty' : `it begins with ${JSON.stringify(text.trim().slice(0, 40))}`;
}
