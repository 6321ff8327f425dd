import { RefusalError } from '../refusal.ts';
import { isLoopback } from './sources/url.ts';
import type { Source } from './types.ts';

/** A load goes only where a person said, or where it stays on this machine. @throws RefusalError */
export function mustBeSaid({ baseUrl, urlIsGiven, script }: Source): void {
  const what = script === null ? 'document' : 'script';
  // One that does not read BASE_URL may say it in a way that nobody finds: `connect('127.0.0.1:50051')`.
  if (baseUrl === null && script?.readsBaseUrl !== false)
    throw new RefusalError(`init: the ${what} does not say where the system is`, {
      fix: 'add --url http://127.0.0.1:8080',
    });
  if (baseUrl === null || urlIsGiven || isLoopback(baseUrl)) return;
  const meant = `--url ${baseUrl.replace(/^ws/, 'http')} if you mean that`;
  throw new RefusalError(`init: only the ${what} names ${baseUrl}, which may be production`, {
    fix:
      script?.readsBaseUrl === false
        ? `let it read __ENV.BASE_URL, and say where that is; or ${meant}`
        : `say where to send a load: --url http://127.0.0.1:8080, or ${meant}`,
  });
}
