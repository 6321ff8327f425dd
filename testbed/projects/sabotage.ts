import type { Settings } from '../lib/settings.ts';

/** 1 write in N, counted, not drawn: a run with N writes has one for sure. */
export const forgetsThisWrite = oneIn('forget-writes');
export const storesThisWriteTwice = oneIn('duplicate-writes');

function oneIn(setting: 'forget-writes' | 'duplicate-writes'): (settings: Settings) => boolean {
  let seen = 0;
  return (settings) => {
    const n = settings[setting];
    if (n === 0) return false;
    seen += 1;
    return seen % n === 0;
  };
}
