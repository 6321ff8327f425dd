import { durationFrom } from '../runtime/env.ts';
import { http, sleep } from '../runtime/k6.ts';
import { request } from '../runtime/target.ts';

export interface NamedPage {
  readonly name: string;
  readonly url: string;
}

const everyMs = durationFrom('SAMPLE_EVERY', 1_000, 10);

/**
 * Reads pages of metrics at the beginning, every `-e SAMPLE_EVERY`, and when the time is over. `read` gets null for a page that did
 * not answer. One virtual user does this in one iteration.
 */
export const watchPages = <Page extends { readonly url: string }>(
  pages: readonly Page[],
  durationMs: number,
  read: (page: Page, text: string | null) => void,
): void => {
  const end = Date.now() + durationMs;
  for (;;) {
    const due = Date.now() + everyMs;
    const last = Date.now() >= end;
    for (const page of pages) read(page, textOf(page.url));
    if (last) return;
    sleep(Math.max(0, Math.min(due, end) - Date.now()) / 1000);
  }
};

/**
 * How long a page may be missing: a tenth of the time, as when a service restarts, or one reading if there are few. The limit lies
 * halfway to the next reading, so that the milliseconds a reading takes do not decide.
 */
export const mostUnreadMs = (durationMs: number): number =>
  (Math.max(1, Math.floor(durationMs / everyMs / 10)) + 0.5) * everyMs;

/** `name=URL,name=URL`, as in the setting of this name. */
export const pagesNamed = (setting: string, text: string): NamedPage[] => {
  const seen = new Set<string>();
  return text.split(',').map((part) => {
    const at = part.indexOf('=');
    if (at < 1) throw new Error(`${setting}: ${JSON.stringify(part)} is not name=URL`);
    const name = part.slice(0, at);
    // The samples of one would pass for the other's.
    if (seen.has(name)) throw new Error(`${setting}: two pages are called ${name}`);
    seen.add(name);
    return { name, url: part.slice(at + 1) };
  });
};

/** Not a user's request: its success or failure says nothing about those. */
export const textOf = (url: string): string | null => {
  const params = { ...request({ name: 'GET /metrics' }), responseType: 'text', responseCallback: null };
  const response = http.get(url, params as never);
  return response.status === 200 ? String(response.body) : null;
};
