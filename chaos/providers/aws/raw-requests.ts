export interface RawAnswer {
  readonly status: number;
  /** Their names are in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** As much of a client's own sender as is used here; its type differs from one client to the next. */
interface Sender {
  readonly requestHandler: {
    handle(
      request: unknown,
      options: { readonly abortSignal: AbortSignal },
    ): Promise<{
      readonly response: {
        readonly statusCode: number;
        readonly headers: Readonly<Record<string, string>>;
        readonly body?: AsyncIterable<Uint8Array>;
      };
    }>;
  };
}

/** Sends a request as it is, once, the way a client of the SDK sends its own: by the same proxy, with the same deadlines. Follows no redirect. */
export function rawRequests(config: unknown) {
  const { requestHandler } = config as Sender;
  return async (request: unknown, abortSignal: AbortSignal): Promise<RawAnswer> => {
    const { response } = await requestHandler.handle(request, { abortSignal });
    const pieces: Uint8Array[] = [];
    for await (const piece of response.body ?? []) pieces.push(piece);
    return { status: response.statusCode, headers: response.headers, body: Buffer.concat(pieces) };
  };
}
