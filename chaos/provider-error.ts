/** What a provider says when it cannot, or will not: below everything else, so that its parts can say so, too. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  /** How to put it right, for a person. */
  readonly fix: string | undefined;
  constructor(message: string, options: { cause?: unknown; fix?: string | undefined } = {}) {
    super(message, { cause: options.cause });
    this.fix = options.fix;
  }
}

export class NoEvidenceError extends Error {
  override readonly name = 'NoEvidenceError';
}
