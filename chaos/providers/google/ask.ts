import { z } from 'zod';
import { deadline } from '../../deadline.ts';
import { exportsOf } from '../../exports-of.ts';
import { type ProviderError, refusedBy } from '../../provider-error.ts';
import type { GoogleSettings } from './component.ts';
import { proxiedFetch } from './fetch.ts';

export interface Question<Schema extends z.ZodType> {
  readonly schema: Schema;
  readonly url: URL;
  /** The right that it needs, e.g. `run.services.get`. */
  readonly doing: string;
  /** Those that have this right, in words. */
  readonly roles: string;
  /** Left out: GET. */
  readonly body?: object;
}

export interface Google {
  /** `https://NAME.googleapis.com`, or the endpoint of a test. */
  host(name: string): string;
  /** Undefined for what is not there. @throws ProviderError */
  ask<Schema extends z.ZodType>(
    question: Question<Schema>,
    signal: AbortSignal,
  ): Promise<z.output<Schema> | undefined>;
}

const CALL_MS = 10_000;

/** Questions to Google's APIs, with the credentials of Google's own library: the clients of its SDK for them take 53 MB. */
export function askGoogle(settings: GoogleSettings): Google {
  const token = tokens(settings);
  const send = proxiedFetch();
  return {
    host: (name) => settings.endpoint ?? `https://${name}.googleapis.com`,
    async ask({ schema, url, doing, roles, body }, signal) {
      const authorization = await token();
      let status: number;
      let text: string;
      try {
        const response = await send(url, {
          headers: {
            ...(authorization !== undefined && { authorization }),
            ...(body !== undefined && { 'content-type': 'application/json' }),
          },
          ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
          redirect: 'error',
          signal: deadline(CALL_MS, signal),
        });
        status = response.status;
        text = await response.text();
      } catch (cause) {
        const why =
          cause instanceof Error
            ? ((cause.cause as Error | undefined)?.message ?? cause.message)
            : String(cause);
        throw refuse(
          `cannot ${doing}: ${url.host} cannot be reached (${why})`,
          'see whether Google can be reached from here',
        );
      }
      if (status === 404) return undefined;
      if (status !== 200) throw refusal({ doing, roles }, status, text, settings);
      try {
        return schema.parse(JSON.parse(text));
      } catch {
        throw refuse(
          `cannot ${doing}: the answer is not one of this API: ${text.slice(0, 100)}`,
          'see what answers in its place',
        );
      }
    },
  };
}

/** The ordinary chain of Google's own library (gcloud, service accounts, workload identity); none for an endpoint of a test. */
function tokens({ endpoint }: GoogleSettings): () => Promise<string | undefined> {
  let client: Promise<{ getAccessToken(): Promise<string | null | undefined> }> | undefined;
  return async () => {
    if (endpoint !== undefined) return undefined;
    try {
      client ??= import('google-auth-library').then(exportsOf).then(
        ({ GoogleAuth }) =>
          new GoogleAuth({
            scopes: ['cloud-platform.read-only', 'cloud-billing.readonly'].map(
              (scope) => `https://www.googleapis.com/auth/${scope}`,
            ),
          }),
      );
      return `Bearer ${await (await client).getAccessToken()}`;
    } catch (cause) {
      client = undefined;
      throw refuse(
        `there are no usable credentials (${(cause as Error).message})`,
        'log in: gcloud auth application-default login',
      );
    }
  };
}

const errorAnswer = z.object({ error: z.object({ message: z.string(), status: z.string().optional() }) });

function refusal(
  { doing, roles }: Pick<Question<z.ZodType>, 'doing' | 'roles'>,
  status: number,
  text: string,
  { project }: GoogleSettings,
): ProviderError {
  let words = text.slice(0, 300);
  try {
    words = errorAnswer.parse(JSON.parse(text)).error.message;
  } catch {
    // Of something between Google and here, perhaps: its text is the message.
  }
  const fix =
    status === 401 || status === 403
      ? `log in again, or grant ${doing} in project ${project} (${roles})`
      : `see what Google says about HTTP ${status}`;
  return refuse(`cannot ${doing}: HTTP ${status}: ${words}`, fix);
}

export function refuse(text: string, fix: string): ProviderError {
  return refusedBy('google', text, fix);
}
