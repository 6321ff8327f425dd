/** Globals of k6's runtime, on both majors, that the scenarios use and @types/k6 does not declare. */
declare const console: Readonly<
  Record<'log' | 'info' | 'warn' | 'error' | 'debug', (...data: unknown[]) => void>
>;
declare const crypto: { randomUUID(): string };
declare function setTimeout(callback: () => void, delayMs: number): number;
declare function clearTimeout(timer: number): void;
