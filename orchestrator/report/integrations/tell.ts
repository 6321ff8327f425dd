import { deadline } from '../../../chaos/deadline.ts';
import { inert } from '../../../chaos/definitions/issues/inert.ts';
import type { Integrations } from '../../../chaos/schema/integrations.ts';
import { sleep } from '../../clock.ts';
import { readableMs } from '../../objectives/number-text.ts';
import { createHttpClient, type HttpClient, type HttpSettings } from '../../observe/http-client.ts';
import { replaceFile } from '../replace-file.ts';
import { integrationsOf } from './index.ts';
import type { Delivery, HttpDelivery, Told } from './integration.ts';
import type { ToldOutcome } from './told.ts';

export interface TellOptions {
  readonly integrations: Integrations;
  readonly told: Omit<Told, 'link'>;
  readonly http?: HttpSettings | undefined;
  /** Takes secrets out of what services answer. */
  readonly redact: (text: string) => string;
  /** Left out: 15 s for each integration, of which 5 s for each try, and 1 s before the second one. */
  readonly limits?: { readonly allMs: number; readonly tryMs: number; readonly pauseMs: number };
}

const LIMITS = { allMs: 15_000, tryMs: 5_000, pauseMs: 1_000 };
const TRIES = 2;
/** Of an answer, what is read and what is shown. */
const READ_BYTES = 4_096;
const SHOWN_CHARS = 200;

/**
 * Tells all integrations how a run ended, at the same time, each within its limit. It never rejects: who cannot be told is named in what it
 * returns, and the verdict stays what it is.
 */
export async function tell(options: TellOptions): Promise<readonly ToldOutcome[]> {
  const { integrations, limits = LIMITS, redact } = options;
  const told = withLink(options.told, integrations.link);
  let http: HttpClient | null = null;
  try {
    const client = createHttpClient(options.http);
    http = client;
    return await Promise.all(
      integrationsOf(integrations).map(async ({ name, deliveries }) => {
        const began = performance.now();
        let sent = 0;
        let all: readonly Delivery[] = [];
        let problem: string | null = null;
        try {
          all = deliveries(told);
          const signal = deadline(limits.allMs);
          for (const delivery of all) {
            await deliver(delivery, client, signal, limits);
            sent += 1;
          }
        } catch (error) {
          problem = inert(redact(text(error, limits)), SHOWN_CHARS * 2);
        }
        return { name, problem, sent, of: all.length, ms: Math.round(performance.now() - began) };
      }),
    );
  } catch (error) {
    const problem = inert(redact(text(error, limits)), SHOWN_CHARS * 2);
    return integrationsOf(integrations).map(({ name }) => ({ name, problem, sent: 0, of: 0, ms: 0 }));
  } finally {
    await http?.close().catch(() => {});
  }
}

async function deliver(
  delivery: Delivery,
  http: HttpClient,
  signal: AbortSignal,
  limits: typeof LIMITS,
): Promise<void> {
  if ('file' in delivery) return replaceFile(delivery.file, delivery.text);
  for (let left = TRIES - 1; ; left -= 1) {
    const refusal = await ask(delivery, http, signal, limits.tryMs).catch((error: Error) => {
      if (signal.aborted) throw error;
      return { final: left === 0, error };
    });
    if (refusal === null) return;
    if (refusal.final || left === 0) throw refusal.error;
    await sleep(limits.pauseMs, signal);
  }
}

/** Null: taken. Too many requests and the service's own failures may pass; other refusals are final. */
async function ask(delivery: HttpDelivery, http: HttpClient, all: AbortSignal, tryMs: number) {
  const { url, method = 'POST', headers = {}, body, problem } = delivery;
  if (!/^https?:/.test(url) || !URL.canParse(url))
    return { final: true, error: new Error('what its variable holds is no http or https URL') };
  const one = new AbortController();
  const timer = setTimeout(() => one.abort(new DOMException('', 'TimeoutError')), tryMs);
  const end = () => one.abort(all.reason);
  all.addEventListener('abort', end, { once: true });
  try {
    all.throwIfAborted();
    const answer = await http.ask(url, { method, headers, body, signal: one.signal });
    const said = await answer.beginning(READ_BYTES);
    const taken = answer.status >= 200 && answer.status < 300;
    const wrong = taken
      ? (problem?.(said) ?? null)
      : `answered ${answer.status}: ${inert(said.replaceAll(/\s+/g, ' ').trim(), SHOWN_CHARS)}`;
    if (wrong === null) return null;
    return { final: answer.status !== 429 && answer.status < 500, error: new Error(wrong) };
  } finally {
    clearTimeout(timer);
    all.removeEventListener('abort', end);
  }
}

function text(error: unknown, { allMs, tryMs }: typeof LIMITS): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === 'TimeoutError'
    ? `no answer within ${readableMs(tryMs)} (or ${readableMs(allMs)} for all)`
    : error.message;
}

function withLink(told: Omit<Told, 'link'>, link: string | undefined): Told {
  if (link === undefined) return told;
  const { run, drill, environment } = told.verdict;
  const names: Readonly<Record<string, string>> = { run, drill, environment };
  return {
    ...told,
    link: link.replace(/\{(run|drill|environment)\}/g, (_, name: string) =>
      encodeURIComponent(names[name] ?? ''),
    ),
  };
}
