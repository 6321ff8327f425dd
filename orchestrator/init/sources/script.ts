import path from 'node:path';
import type { ScriptSource, Source, SourceOptions } from '../types.ts';
import { slug } from './slug.ts';
import { parseUrl } from './url.ts';

/** A k6 script is the load itself, unchanged. Where it goes is read from the first URL that is written in it. */
export function fromScript(file: string, text: string, { url }: SourceOptions): Source {
  const named = url === undefined ? undefined : parseUrl(url).origin;
  return {
    kind: 'script',
    name: slug(path.basename(file).replace(/\.[cm]?[jt]s$/, '')),
    baseUrl: named ?? firstUrl(text),
    urlIsGiven: named !== undefined,
    requests: [],
    auth: null,
    secrets: [],
    script: { file, ...metricsOf(text) },
    compose: null,
    leftOut: [],
  };
}

/** What the script measures, as far as its text says. */
function metricsOf(text: string): Omit<ScriptSource, 'file'> {
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

/** Of this machine first: scripts name the sites of their libraries, too. */
function firstUrl(text: string): string | null {
  const code = text.replace(/^\s*(import|\/\/|\*).*$/gm, '');
  const found = [...code.matchAll(/\b(?:https?|wss?):\/\/[\w.[\]:-]+/g)].flatMap(([one]) => {
    try {
      return [new URL(one.replace(/^ws/, 'http').replace(/[.:]+$/, '')).origin];
    } catch {
      return [];
    }
  });
  const here = found.find((one) => /\/\/(localhost|127\.|\[::1\])/.test(one));
  return here ?? found[0] ?? null;
}
