import path from 'node:path';
import { RefusalError } from '../../refusal.ts';
import type { ScriptSource, Source, SourceOptions } from '../types.ts';
import { scriptCode } from './script-code.ts';
import { slug } from './slug.ts';
import { isLoopback, parseUrl, toAsk } from './url.ts';

/**
 * A k6 script is the load itself, unchanged. Where it goes is what it takes without BASE_URL, else the first URL in it.
 * @throws RefusalError where it is no JavaScript, and where `--url` would say what the script does not ask
 */
export async function fromScript(file: string, text: string, { url }: SourceOptions): Promise<Source> {
  const { readsBaseUrl, usual, urls } = await scriptCode(file);
  const own = usual === null ? firstOf(urls) : withSchemeOf(usual, trimmed(asHttp(usual)));
  const given = url === undefined ? null : parseUrl(url);
  if (given !== null && !readsBaseUrl && (own === null || asHttp(own).origin !== given.origin))
    throw new RefusalError(
      `init: ${path.basename(file)} does not read BASE_URL: --url would change nothing`,
      {
        fix: "let it read __ENV.BASE_URL, or leave --url out: the load goes where the script's own URLs say",
      },
    );
  return {
    kind: 'script',
    name: slug(path.basename(file).replace(/\.[cm]?[jt]s$/, '')),
    baseUrl: given === null || !readsBaseUrl ? own : withSchemeOf(usual, trimmed(given)),
    urlIsGiven: given !== null,
    requests: [],
    auth: null,
    secrets: [],
    script: { file, readsBaseUrl, ...metricsOf(text) },
    compose: null,
    leftOut: [],
  };
}

/** What the script measures, as far as its text says. */
function metricsOf(text: string): Omit<ScriptSource, 'file' | 'readsBaseUrl'> {
  const imports = (module: string) =>
    new RegExp(`from\\s+['"]${module}['"]|require\\(['"]${module}['"]`).test(text);
  const own = [...text.matchAll(/new Rate\(\s*['"]([A-Za-z_]\w{0,127})['"]/g)].map(([, name = '']) => name);
  const checks = /\bcheck\(/.test(text) ? ['checks'] : [];
  const sockets = imports('k6/(experimental/)?websockets') || imports('k6/ws');
  return {
    // Without an import of a protocol it is in a module of the script's own: most likely HTTP.
    http: imports('k6/http') || !(imports('k6/net/grpc') || sockets),
    rates: [...new Set([...own, ...checks])],
    other: imports('k6/net/grpc') ? 'grpc_req_duration' : sockets ? 'ws_msgs_received' : null,
  };
}

/** Of this machine first; without its path, which is that of one request. */
function firstOf(urls: readonly string[]): string | null {
  const found = urls.flatMap((one) => {
    try {
      return [asHttp(one).origin];
    } catch {
      return [];
    }
  });
  return found.find(isLoopback) ?? found[0] ?? null;
}

function asHttp(url: string): URL {
  return toAsk(new URL(url.replace(/^ws/, 'http').replace(/[.:]+$/, '')));
}

/** With its path, without a slash at the end. */
function trimmed({ origin, pathname }: URL): string {
  return `${origin}${pathname}`.replace(/\/+$/, '');
}

/** A script that opens WebSockets at BASE_URL takes no http there. */
function withSchemeOf(usual: string | null, url: string): string {
  return usual?.startsWith('ws') ? url.replace(/^http/, 'ws') : url;
}
