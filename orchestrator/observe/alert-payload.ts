import { z } from 'zod';
import type { ReceivedAlert } from '../journal/events.ts';
import { Refusal } from './alert-body.ts';

export interface ReadAlerts {
  readonly alerts: readonly ReceivedAlert[];
  /** How many of the call were not taken, by reason. */
  readonly refused: ReadonlyMap<string, number>;
}

/**
 * The alerts of a call: what Alertmanager and Grafana send to a webhook (an object with `alerts`), or what Prometheus and its like
 * send to Alertmanager itself (a list). Lenient where nothing hangs on it, and one bad alert does not cost the others.
 * @throws Refusal when there is no list of alerts in it
 */
export function readAlerts(text: string, receivedAt: number): ReadAlerts {
  const { alerts: list, status, truncatedAlerts } = payload(text);
  const refused = new Map<string, number>();
  const refuse = (reason: string, count: number) => refused.set(reason, (refused.get(reason) ?? 0) + count);
  const alerts = list.flatMap((one): ReceivedAlert[] => {
    const parsed = alertSchema.safeParse(one);
    if (!parsed.success) {
      refuse(reasonOf(parsed.error), 1);
      return [];
    }
    const { labels, annotations, startsAt, endsAt } = parsed.data;
    const itself = parsed.data.status ?? status ?? (hasEnded(endsAt, receivedAt) ? 'resolved' : 'firing');
    return [{ receivedAt, status: itself, labels, annotations, startsAt }];
  });
  if (truncatedAlerts > 0) refuse('the sender left them out (max_alerts)', truncatedAlerts);
  return { alerts, refused };
}

/** JSON in which somebody else's program writes numbers, `null` for empty maps and lists, and times that nobody has set. */
const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const status = z.enum(['firing', 'resolved'], { error: 'its status is neither firing nor resolved' });
const labelsSchema = z
  .record(z.string(), z.unknown(), { error: 'it has no labels' })
  .transform((labels) => entries(labels));

const alertSchema = z.object(
  {
    status: z.preprocess(lowerCase, status.nullish()),
    labels: labelsSchema,
    annotations: z.record(z.string(), z.unknown()).catch({}).transform(entries),
    startsAt: z
      .union([z.string().max(64), z.number().transform(isoTime)])
      .nullable()
      .catch(null),
    endsAt: z.string().nullable().catch(null),
  },
  { error: 'it is not an object' },
);

const payloadSchema = z.object({
  alerts: z
    .array(z.unknown())
    .nullable()
    .transform((list) => list ?? []),
  status: z.preprocess(lowerCase, status.optional()).catch(undefined),
  truncatedAlerts: z.number().int().min(0).catch(0),
});

function payload(text: string): z.infer<typeof payloadSchema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Refusal(400, 'the body is not JSON');
  }
  const parsed = payloadSchema.safeParse(Array.isArray(json) ? { alerts: json } : json);
  if (!parsed.success) throw new Refusal(400, 'there is no list of alerts in it');
  return parsed.data;
}

/** Texts, numbers and booleans as texts. Null is as good as left out; what has parts of its own becomes its JSON. */
function entries(map: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(map).flatMap(([name, value]) => {
      if (value === null) return [];
      const parsed = scalar.safeParse(value);
      return [[name, parsed.success ? parsed.data : JSON.stringify(value)]];
    }),
  );
}

function lowerCase(value: unknown): unknown {
  return typeof value === 'string' ? value.toLowerCase() : value;
}

/** Seconds or milliseconds since 1970: the former would be a day of January. */
function isoTime(value: number): string | null {
  const date = new Date(value < 1e11 ? value * 1000 : value);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/** Go writes the year 1 for an end that nobody has set, and Prometheus one in the future for an alert that fires. */
function hasEnded(endsAt: string | null, now: number): boolean {
  const at = endsAt === null ? Number.NaN : Date.parse(endsAt);
  return at > 0 && at <= now;
}

function reasonOf(error: z.ZodError): string {
  return error.issues[0]?.message ?? 'it cannot be read';
}
