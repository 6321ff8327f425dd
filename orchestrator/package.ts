import { readFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../chaos/package-root.ts';

export function packageVersion(): string {
  return (JSON.parse(readFileSync(path.join(packageRoot(), 'package.json'), 'utf8')) as { version: string })
    .version;
}

/** A program that squall starts, e.g. `scripts/guardian`: one of those that scripts/bundle.mjs lists. Also from the sources, in tests. */
export function entryPoint(name: string): string {
  return path.join(packageRoot(), 'dist', `${name}.js`);
}

/** The subdirectory of build/ for bundles that only a k6 with an extension can load. */
export const EXTENDED = 'xk6';
