import { compile, query } from 'json-p3';

/** JSON paths as RFC 9535 has them. To be imported when there is one: few drills have. */

/** @throws Error that says what is wrong with the path */
export function checkJsonPath(path: string): void {
  compile(path);
}

/** All values that a path matches in data that was parsed from JSON. */
export function valuesAt(path: string, data: unknown): unknown[] {
  return query(path, data as Parameters<typeof query>[1]).values();
}
