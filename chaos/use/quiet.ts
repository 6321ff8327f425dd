/** Whoever polls twice a second shows in this time; what polls more slowly is not taken for the load anyway. Each drill waits for it. */
export const QUIET_MS = 1_300;

export interface Quiet {
  /** Resolves when looks have gone on for long enough. */
  readonly seen: Promise<void>;
  looked(): void;
}

/**
 * On a machine so busy that looks take seconds, fewer would leave parts too coarse to tell bursts of somebody else from the load: then this
 * lasts for as many looks as it does on any other machine.
 */
const FEWEST_LOOKS = 4;

/** Waits for looks at a component that no load uses yet. @param ms at least between the first and the last of them */
export function createQuiet(ms = QUIET_MS): Quiet {
  let first: number | undefined;
  let looks = 0;
  let resolve = () => {};
  const seen = new Promise<void>((done) => {
    resolve = done;
  });
  return {
    seen,
    looked() {
      first ??= Date.now();
      looks += 1;
      if (Date.now() - first >= ms && looks >= FEWEST_LOOKS) resolve();
    },
  };
}
