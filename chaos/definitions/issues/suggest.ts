import { distance } from 'fastest-levenshtein';

/** The known word closest to a mistyped one, or undefined when none is close (at most a third of its letters differ). */
export function suggest(word: string, known: readonly string[]): string | undefined {
  if (word.length > 64) return undefined;
  let best: { word: string; edits: number } | undefined;
  for (const candidate of known) {
    const edits = editDistance(word.toLowerCase(), candidate.toLowerCase());
    const allowed = Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3));
    if (edits <= allowed && (best === undefined || edits < best.edits)) {
      best = { word: candidate, edits };
    }
  }
  return best?.word;
}

/** `did you mean "x"?` when something is close, else the list of what is known. */
export function suggestOrList(word: string, known: readonly string[], what = 'known'): string {
  const close = suggest(word, known);
  const list = known.length > 0 ? `${what}: ${known.slice(0, 30).join(', ')}` : `${what}: none`;
  return close === undefined ? list : `did you mean "${close}"? ${list}`;
}

/** Letters inserted, removed or replaced. A swap of two neighbours, the most common slip, counts as one. */
function editDistance(word: string, candidate: string): number {
  const swapped = Array.from({ length: Math.max(0, word.length - 1) }, (_, i) => {
    const [first = '', second = ''] = word.slice(i, i + 2);
    return word.slice(0, i) + second + first + word.slice(i + 2);
  });
  return Math.min(distance(word, candidate), ...swapped.map((other) => distance(other, candidate) + 1));
}
