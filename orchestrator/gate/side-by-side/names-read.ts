import { build } from 'esbuild';
import { cannotBundle, EXTERNAL } from './switching-script.ts';

/** What esbuild writes for `__ENV`. */
const ENV = 'squallEnv';

/**
 * The variables that a k6 script, and the modules beside it, read from `__ENV`. Nothing is run.
 * @returns null where it cannot be told: the script takes `__ENV` apart, or hands it on
 * @throws RefusalError when the script cannot be bundled
 */
export async function namesRead(script: string): Promise<ReadonlySet<string> | null> {
  const { outputFiles } = await build({
    ...{ entryPoints: [script], bundle: true, write: false, format: 'esm', target: 'es2020' },
    // `__ENV['A']` and `__ENV?.A` become `__ENV.A`, and comments go.
    ...{ minifySyntax: true, minifyWhitespace: true, legalComments: 'none', logLevel: 'silent' },
    external: EXTERNAL,
    define: { __ENV: ENV },
  }).catch((error: Error) => {
    throw cannotBundle(script, error);
  });
  const code = Buffer.from(outputFiles[0]?.contents ?? []).toString('utf8');
  const uses = code.replace(new RegExp(`typeof ${ENV}\\b`, 'g'), '');
  if (new RegExp(`\\b${ENV}\\b(?!\\??\\.[\\w$])`).test(uses)) return null;
  return new Set(
    [...uses.matchAll(new RegExp(`\\b${ENV}\\??\\.([\\w$]+)`, 'g'))].map(([, name = '']) => name),
  );
}
