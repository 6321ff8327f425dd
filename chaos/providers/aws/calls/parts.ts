import type { ProviderError } from '../../../provider.ts';
import type { ClientOptions } from '../clients.ts';
import type { AwsClock } from '../clock.ts';
import type { SignedRequest } from '../signed-requests.ts';

/** What the calls of each service are made of. */
export interface ClientParts {
  readonly clock: AwsClock;
  /** For a client that only reads, or for one that gives an order. */
  optionsFor(orders: boolean): ClientOptions;
  watch(client: { readonly middlewareStack: unknown }): void;
  explain(cause: unknown, doing: string): ProviderError;
  /** For a service without a client of the SDK. */
  signedRequests(service: string): Promise<SignedRequest>;
}

/** What AWS wrote down, by its own clock. */
export interface AwsEvent {
  readonly atAws: number;
  readonly source: string;
  readonly text: string;
}

export function keyOf({ atAws, source, text }: AwsEvent): string {
  return `${atAws} ${source} ${text}`;
}

/** More would be a region in trouble of its own. */
const MAX_PAGES = 20;

/** All pages of a listing. `page` returns the marker of the next one. */
export async function everyPage<T>(
  page: (
    marker: string | undefined,
  ) => Promise<{ readonly items: readonly T[]; readonly marker?: string | undefined }>,
): Promise<T[]> {
  const all: T[] = [];
  let marker: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const { items, marker: next } = await page(marker);
    all.push(...items);
    if (next === undefined || next === '') break;
    marker = next;
  }
  return all;
}

/** Without what has no time or no text. */
export function toEvents(
  found: readonly {
    readonly Date?: Date | undefined;
    readonly Message?: string | undefined;
    readonly SourceIdentifier?: string | undefined;
  }[],
): AwsEvent[] {
  return found.flatMap(({ Date: date, Message: text, SourceIdentifier: source = '' }) =>
    date === undefined || text === undefined ? [] : [{ atAws: date.getTime(), source, text: text.trim() }],
  );
}
