import { request } from 'node:http';

export interface Question {
  /** `unix:///path/of/socket` or `http://127.0.0.1:9001`. */
  readonly server: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string | undefined;
  /** user:password */
  readonly auth?: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

const TIMEOUT_MS = 5_000;
const MOST_CHARACTERS = 8_000_000;

/** One HTTP request to a server on this machine, on a Unix socket or a port. @throws as Node does, or when it takes too long */
export function askServer(question: Question, signal: AbortSignal): Promise<Answer> {
  const { server, method, path, body = '', auth } = question;
  const where = server.startsWith('unix://')
    ? { socketPath: server.slice('unix://'.length) }
    : { host: new URL(server).hostname.replace(/^\[|\]$/g, ''), port: new URL(server).port || 80 };
  return new Promise((resolve, reject) => {
    const headers = {
      'content-length': Buffer.byteLength(body),
      ...(body && { 'content-type': 'text/xml' }),
    };
    const asked = request(
      { ...where, method, path, headers, agent: false, timeout: TIMEOUT_MS, signal, ...(auth && { auth }) },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('error', reject);
        response.on('data', (piece: string) => {
          text += piece;
          if (text.length > MOST_CHARACTERS) asked.destroy(new Error('its answer is too long'));
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    asked.on('timeout', () => asked.destroy(new Error('it does not answer')));
    asked.on('error', reject);
    asked.end(body);
  });
}

/** Why it could not be asked, in a few words. */
export function whyNot(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'its socket is not there';
  if (code === 'EACCES') return 'this user may not use its socket';
  if (code === 'ECONNREFUSED') return 'nobody listens there';
  return message;
}
