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

/**
 * What a part of squall will not do, with the way out. It begins with who refuses, once: what was told further down may begin with it already.
 * @param who e.g. `chaos-mesh`
 */
export function refusedBy(who: string, message: string, fix: string): ProviderError {
  return new ProviderError(message.startsWith(`${who}: `) ? message : `${who}: ${message}`, { fix });
}

export class NoEvidenceError extends Error {
  override readonly name = 'NoEvidenceError';
}
