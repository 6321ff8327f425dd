import type { Integrations } from '../../../chaos/schema/integrations.ts';
import type { Verdict } from '../../verdict.types.ts';

/** What an integration is told. Everything in it is in verdict.json, too: secrets are redacted. */
export interface Told {
  readonly verdict: Verdict;
  /** Where the report will be found. Left out: nobody said. */
  readonly link?: string;
  readonly squall: string;
}

/** One request. Every answer but 2xx is a refusal. */
export interface HttpDelivery {
  readonly url: string;
  readonly method?: 'POST' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  /** What is wrong with an answer of 2xx, of which this is the beginning; null: nothing. */
  problem?(answer: string): string | null;
}

/** One file, replaced as a whole. */
export interface FileDelivery {
  readonly file: string;
  readonly text: string;
}

export type Delivery = HttpDelivery | FileDelivery;

/** A service that is told how a run ended. What it makes of it is a pure function; send.ts does the rest. */
export interface Integration<Name extends IntegrationName> {
  readonly name: Name;
  /** In order. None: this run is not for it. */
  deliveries(settings: NonNullable<Integrations[Name]>, told: Told): readonly Delivery[];
}

export type IntegrationName = Exclude<keyof Integrations, 'link'>;

/** A JSON request. */
export function jsonDelivery(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): HttpDelivery {
  return { url, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

/** `url` with a path behind it, whether or not it ends in a slash or in that path already. */
export function under(url: string, path: string): string {
  const bare = url.replace(/\/+$/, '');
  return bare.endsWith(path) ? bare : `${bare}${path}`;
}
