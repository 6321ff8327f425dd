import { asList, asRecord, asText, type Plain } from './plain.ts';
import { looksSecret } from './secret.ts';
import { toAsk } from './url.ts';

/** What a browser or a proxy recorded of one request. */
export interface Recorded {
  readonly method: string;
  readonly url: URL;
  readonly status: number;
  /** Where a redirect led; null: it was none, or that cannot be told. */
  readonly leadsTo: URL | null;
  /** The media type of the answer. */
  readonly type: string;
  readonly body: string | undefined;
  /** It had a body that is no text, or that nobody wrote down. */
  readonly lacksBody: boolean;
  /** By lower-case names; what HTTP/2 has instead of a first line (`:authority`) is no header. */
  readonly headers: ReadonlyMap<string, string>;
  /** The names of those that prove who asks. */
  readonly secretHeaders: readonly string[];
}

/** Of an entry of HAR 1.2; null: it is no HTTP request to a host (`data:`, `blob:`, a WebSocket, an extension's own). */
export function recordedIn({ request, response }: Plain): Recorded | null {
  const { method, url, headers, postData, cookies, bodySize } = asRecord(request);
  const text = asText(url) ?? '';
  if (!/^https?:/i.test(text) || !URL.canParse(text)) return null;
  const named = new Map(
    asList(headers).flatMap((one) => {
      const { name, value } = asRecord(one);
      const key = (asText(name) ?? '').toLowerCase();
      return key === '' || key.startsWith(':') ? [] : [[key, asText(value) ?? ''] as const];
    }),
  );
  // Where its words begin, only the name as it was written says: `UserPass`.
  const written = asList(headers).map((one) => asText(asRecord(one).name) ?? '');
  const secrets = new Set(written.filter(looksSecret).map((name) => name.toLowerCase()));
  // Some write cookies down only as such.
  if (asList(cookies).length > 0 && !named.has('cookie')) named.set('cookie', '');
  const sent = bodyOf(asRecord(postData), named.get('content-type') ?? '');
  const type = asText(asRecord(postData).mimeType);
  if (sent.body !== undefined && type !== undefined && !named.has('content-type'))
    named.set('content-type', type);
  return {
    method: (asText(method) ?? 'GET').toUpperCase(),
    url: toAsk(new URL(text)),
    status: Number(asRecord(response).status),
    leadsTo: leadsTo(asRecord(response), text),
    type: asText(asRecord(asRecord(response).content).mimeType) ?? '',
    ...sent,
    lacksBody: sent.lacksBody || (sent.body === undefined && Number(bodySize) > 0),
    headers: named,
    // What a proxy asked for is none of the system's.
    secretHeaders: [...named.keys()].filter(
      (name) => (secrets.has(name) || looksSecret(name)) && name !== 'proxy-authorization',
    ),
  };
}

/** Of a recorded answer. Some write the header down and leave `redirectURL` empty. */
function leadsTo({ status, redirectURL, headers }: Plain, from: string): URL | null {
  if (!(Number(status) >= 300 && Number(status) < 400)) return null;
  const named = asList(headers)
    .map(asRecord)
    .find(({ name }) => asText(name)?.toLowerCase() === 'location');
  const to = asText(redirectURL) || asText(named?.value) || '';
  return to !== '' && URL.canParse(to, from) ? toAsk(new URL(to, from)) : null;
}

const BINARY =
  /^multipart\/|^(image|audio|video|font)\/|octet-stream|protobuf|grpc|msgpack|zip|pdf|\bcbor\b/i;

function bodyOf(
  { text, params, mimeType, encoding, _encoding: other, _file: file }: Plain,
  type: string,
): Pick<Recorded, 'body' | 'lacksBody'> {
  // Playwright keeps bodies in files of their own.
  const lacksBody = BINARY.test(asText(mimeType) ?? type) || file !== undefined;
  const plain = asText(text) ?? '';
  if (plain === '') {
    // Charles and others write the fields of a form down and not their text.
    const fields = asList(params).map(asRecord);
    const isFile = fields.some(({ fileName }) => fileName !== undefined);
    const form = fields.map(({ name, value }) =>
      [name, value].map((one) => encodeURIComponent(asText(one) ?? '')).join('='),
    );
    return { body: form.length === 0 ? undefined : form.join('&'), lacksBody: lacksBody || isFile };
  }
  const body = (encoding ?? other) === 'base64' ? Buffer.from(plain, 'base64').toString('utf8') : plain;
  return { body, lacksBody: lacksBody || body.includes('\uFFFD') };
}
