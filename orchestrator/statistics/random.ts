/**
 * Numbers in [0, 1) that the seed determines, uniform (mulberry32, period 2^32). Good for the order of slots, for simulations and for
 * tests (fast-check draws from all doubles, most of which are next to zero); never for secrets.
 */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
