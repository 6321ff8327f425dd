import { count } from './format.ts';

interface Duplicates {
  readonly duplicated: number;
  readonly seesDuplicates?: boolean;
}

/** Null where the look-up cannot see any: none seen is then no news. */
export function duplicatedWrites({ duplicated, seesDuplicates }: Duplicates): number | null {
  return seesDuplicates === false && duplicated === 0 ? null : duplicated;
}

/** `2 duplicated`, in running text. */
export function duplicatedText(writes: Duplicates): string {
  const number = duplicatedWrites(writes);
  return number === null ? 'duplicates not seen by this look-up' : `${count(number)} duplicated`;
}
