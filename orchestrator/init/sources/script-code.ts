import { buildMistake } from '../../build-mistake.ts';
import { RefusalError } from '../../refusal.ts';

/** What esbuild writes for `__ENV.BASE_URL`, however a script spells that, and for any other `__ENV`. */
const BASE = 'squallBaseUrl';
const ENV = 'squallEnv';

/** What a k6 script does with the setting BASE_URL, and which URLs are in its code. */
export interface ScriptCode {
  readonly readsBaseUrl: boolean;
  /** Where it goes without the setting, with its path: `__ENV.BASE_URL || 'http://…'`. */
  readonly usual: string | null;
  /** As they are written, those of WebSockets, too. */
  readonly urls: readonly string[];
}

/**
 * Reads a script and the modules beside it, without comments and without what it imports from elsewhere: those name the sites of others.
 * Nothing is run. @throws RefusalError where it is no JavaScript
 */
export async function scriptCode(file: string): Promise<ScriptCode> {
  const code = (await bundled(file)).replace(/(\bfrom|\bimport\(?|require\()\s*"[^"]*"/g, '$1');
  const uses = code.replace(new RegExp(`typeof ${ENV}\\b`, 'g'), '');
  // Handed on as a whole, it is read by the name, or taken apart.
  const isHandedOn = new RegExp(`\\b${ENV}\\b(?!\\.)`).test(uses);
  const behind = new RegExp(`\\b${BASE}\\b\\)?(?:\\|\\||\\?\\?|\\?[^:;]*:)["'\`](${URL_TEXT})`).exec(
    code,
  )?.[1];
  return {
    readsBaseUrl: new RegExp(`\\b${BASE}\\b`).test(code) || (isHandedOn && /\bBASE_URL\b/.test(uses)),
    usual: behind !== undefined && URL.canParse(behind) ? behind.replace(/\/+$/, '') : null,
    urls: [...code.matchAll(new RegExp(`\\b${URL_TEXT}`, 'g'))].map(([one]) => one),
  };
}

const URL_TEXT = '(?:https?|wss?):\\/\\/[\\w.[\\]:/%~-]+';

async function bundled(file: string): Promise<string> {
  // It is a program of its own: only scripts need it.
  const { build } = await import('esbuild');
  try {
    const { outputFiles } = await build({
      ...{
        entryPoints: [file],
        bundle: true,
        write: false,
        format: 'esm',
        target: 'es2020',
        charset: 'utf8',
      },
      ...{ minifySyntax: true, minifyWhitespace: true, legalComments: 'none', logLevel: 'silent' },
      packages: 'external',
      external: ['k6', 'k6/*', 'https://*', 'http://*'],
      define: { '__ENV.BASE_URL': BASE, __ENV: ENV },
    });
    return Buffer.from(outputFiles[0]?.contents ?? []).toString('utf8');
  } catch (cause) {
    throw new RefusalError(`init: ${buildMistake(file, cause)}`, {
      cause,
      fix: 'correct it there: k6 could not load it',
    });
  }
}
