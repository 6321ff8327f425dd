import type { Use } from '../provider.ts';

/** Of several targets, one that is in use is enough: the fault hits it. They are idle only when each is; else, or without any, it cannot be told. */
export function anyInUse(uses: readonly Pick<Use, 'inUse'>[]): boolean | null {
  if (uses.some(({ inUse }) => inUse === true)) return true;
  return uses.length > 0 && uses.every(({ inUse }) => inUse === false) ? false : null;
}
