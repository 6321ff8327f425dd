/** What must be closed at the end, in reverse order of opening; a failure of one does not stop the others. */
export interface Cleanups {
  add(what: string, close: () => Promise<void> | void): void;
  /** Closes whatever is still open. Returns a sentence for each failure. Safe to call again. */
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
