import { z } from 'zod';
import { readableMs } from '../../objectives/number-text.ts';
import { CannotRead } from './cannot-read.ts';

const sample = z.tuple([z.number(), z.string()]);
const answer = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('success'),
    warnings: z.array(z.string()).optional(),
    data: z.discriminatedUnion('resultType', [
      z.object({
        resultType: z.literal('vector'),
        result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: sample.optional() })),
      }),
      z.object({ resultType: z.literal('scalar'), result: sample }),
      z.object({ resultType: z.literal('matrix') }),
      z.object({ resultType: z.literal('string') }),
    ]),
  }),
  z.object({ status: z.literal('error'), errorType: z.string().optional(), error: z.string() }),
]);

export interface Result {
  readonly value: number;
  /** When it was worked out, in epoch seconds. */
  readonly at: number;
}

/**
 * The one number in an answer of the query API (https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries).
 * @throws CannotRead when there is none, or when it may be old, or not whole
 */
export function resultOf(text: string, status: number, nowMs: number, staleAfterMs: number): Result {
  const parsed = answer.safeParse(parseJson(text));
  if (!parsed.success)
    throw new CannotRead(`answered ${status}, and not as the query API of Prometheus does`);
  if (parsed.data.status === 'error')
    throw new CannotRead(`the query was refused: ${parsed.data.error.slice(0, 200)}`);
  const { data, warnings = [] } = parsed.data;
  if (warnings.length > 0) throw new CannotRead(`the result is not whole: ${warnings[0]?.slice(0, 200)}`);
  const [at, value] = oneSample(data);
  const ageMs = nowMs - at * 1000;
  if (Math.abs(ageMs) > staleAfterMs)
    throw new CannotRead(`the result is of ${readableMs(Math.abs(ageMs))} ${ageMs > 0 ? 'ago' : 'from now'}`);
  const number = value === '' ? Number.NaN : Number(value.replace(/Inf$/, 'Infinity'));
  if (!Number.isFinite(number)) throw new CannotRead(`the result is ${value}, which is no number to compare`);
  return { value: number, at };
}

type Success = Extract<z.output<typeof answer>, { status: 'success' }>['data'];

function oneSample(data: Success): readonly [number, string] {
  if (data.resultType === 'scalar') return data.result;
  if (data.resultType !== 'vector')
    throw new CannotRead(`the query gives a ${data.resultType}: ask for one number, at one time`);
  const [first, ...others] = data.result;
  if (first === undefined) throw new CannotRead('the query gives no data');
  if (others.length > 0)
    throw new CannotRead(
      `the query gives ${data.result.length} series: add them up with sum(), or name labels`,
    );
  if (first.value === undefined) throw new CannotRead('the query gives a histogram: ask for one number');
  return first.value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
