/** The counter that goes with a metric of counted.ts. */
export const samplesOf = (name: string): string => `${name}_samples`;
