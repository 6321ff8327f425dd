/** Counted, not random: true for every n-th call, so that a run with n calls certainly has one. 0: never. */
export function everyNth(n: () => number): () => boolean {
  let seen = 0;
  return () => {
    const every = n();
    if (every === 0) return false;
    seen += 1;
    return seen % every === 0;
  };
}
