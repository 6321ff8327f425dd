/** What has to be closed at the end, in reverse order of opening, each whatever happened to the others. */
export interface Cleanups {
  add(what: string, close: () => Promise<void> | void): void;
  /** Runs all that are left. Returns what went wrong, in words. Safe to call again. */
  run(): Promise<readonly string[]>;
}

export function createCleanups(): Cleanups {
  const stack: { what: string; close: () => Promise<void> | void }[] = [];
  return {
    add: (what, close) => void stack.push({ what, close }),
    async run() {
      const problems: string[] = [];
      for (let entry = stack.pop(); entry; entry = stack.pop()) {
        try {
          await entry.close();
        } catch (error) {
          problems.push(`${entry.what}: ${(error as Error).message}`);
        }
      }
      return problems;
    },
  };
}
