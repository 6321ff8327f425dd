/** How much a counter grows over several readings. */
export interface Increase {
  read(value: number): void;
  /** Null: fewer than two readings, so nobody knows. */
  total(): number | null;
}

/** A counter that is smaller than before was reset, and has counted from zero since. */
export const createIncrease = (): Increase => {
  let last: number | null = null;
  let total: number | null = null;
  return {
    read(value) {
      if (last !== null) total = (total ?? 0) + (value < last ? value : value - last);
      last = value;
    },
    total: () => total,
  };
};
