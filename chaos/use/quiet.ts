/** Whoever polls twice a second shows in this time; what polls more slowly is not taken for the load anyway. Each drill waits for it. */
export const QUIET_MS = 1_300;

export interface Quiet {
  /** Resolves when looks have gone on for long enough. */
  readonly seen: Promise<void>;
  looked(): void;
}

/** Waits for looks at a component that no load uses yet. @param ms between the first and the last of them */
export function createQuiet(ms = QUIET_MS): Quiet {
  let first: number | undefined;
  let resolve = () => {};
  const seen = new Promise<void>((done) => {
    resolve = done;
  });
  return {
    seen,
    looked() {
      first ??= Date.now();
      if (Date.now() - first >= ms) resolve();
    },
  };
}
