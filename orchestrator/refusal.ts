/** Refused before anything was touched (exit 64): bad usage, a limit of the environment, a missing bundle. */
export class RefusalError extends Error {
  override readonly name = 'RefusalError';
  /** How to put it right, for a person: squall's own words, which may have several lines. */
  readonly fix: string | undefined;
  constructor(message: string, options: { cause?: unknown; fix?: string } = {}) {
    super(message, { cause: options.cause });
    this.fix = options.fix;
  }
}
