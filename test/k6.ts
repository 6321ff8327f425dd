import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { findK6, type K6 } from '../orchestrator/tools/find-k6.ts';

/** A k6 of each major version that bundles must run on; null where this machine has none: those tests count as skipped. */
export interface K6OfMajor {
  major: 1 | 2;
  k6: K6 | null;
}

/**
 * The k6 binaries to test with: those in ../shared/k6 if that folder exists, else the one that squall itself finds.
 * Use: `const majors = await k6OfEachMajor();` at the top, then `test.skipIf(k6 === null)` for each.
 */
export async function k6OfEachMajor(): Promise<K6OfMajor[]> {
  const found = (await Promise.all((await candidates()).map(k6At))).filter((k6) => k6 !== null);
  const own = await findK6();
  if (own.path !== null) found.push(own);
  return ([1, 2] as const).map((major) => ({ major, k6: found.find((k6) => k6.major === major) ?? null }));
}

/** Any k6, for tests that hold for both majors; null where there is none. */
export async function anyK6(): Promise<K6 | null> {
  const own = await findK6();
  return own.path !== null ? own : ((await k6OfEachMajor()).find(({ k6 }) => k6 !== null)?.k6 ?? null);
}

async function candidates(): Promise<string[]> {
  const folder = path.resolve(import.meta.dirname, '../../shared/k6');
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => /^k6-\d/.test(name)).map((name) => path.join(folder, name));
}

async function k6At(file: string): Promise<K6 | null> {
  const k6 = await findK6({ env: { ...process.env, K6_BIN: file } });
  return k6.path === null ? null : k6;
}
