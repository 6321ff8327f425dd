import path from 'node:path';
import type { Source, SourceOptions } from '../types.ts';
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
    script: { file },
    compose: null,
    leftOut: [],
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
