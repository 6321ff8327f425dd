/** Squall could not ask: that says nothing about the target. */
export class CannotAsk extends Error {
  override readonly name = 'CannotAsk';
}

/** The target was asked and did not answer. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** What is behind "fetch failed", and whose failure it is. @param proxy its host and port; null: the request went directly */
export function explain(error: unknown, target: string, proxy: string | null): CannotAsk | NoAnswer {
  const { code, message } = firstCause(error);
  const options = { cause: error };
  const cannot = (text: string) => new CannotAsk(`cannot ask: ${text}`, options);
  if (isCertificate(code))
    return cannot(
      `the certificate of ${target} is not trusted (${message.replace(/;.*/s, '')}); http.ca of the environment names further ones`,
    );
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return cannot(
      `the name of ${proxy === null ? target : `the proxy ${proxy}`} cannot be resolved (${code})`,
    );
  if (code === 'ENETUNREACH') return cannot(`there is no route to ${proxy ?? target}`);
  if (code.startsWith('ERR_SSL') || code === 'EPROTO')
    return cannot(
      `${proxy === null ? target : `${target} (or the proxy ${proxy})`} does not speak TLS as asked (${code})`,
    );
  const tunnel = /Proxy response \((\d+)\)/.exec(message)?.[1];
  if (tunnel !== undefined)
    return cannot(`the proxy ${proxy} answered ${tunnel} instead of a tunnel to ${target}`);
  if (message.startsWith('Proxy Authentication Required'))
    return cannot(`the proxy ${proxy} wants other credentials (407)`);
  // Behind a proxy it cannot be told who broke the connection.
  if (proxy !== null) return cannot(`the proxy ${proxy} ${brokenText(code, message)}`);
  return new NoAnswer(`${target} ${brokenText(code, message)}`, options);
}

/** Whether a host refused HTTP/1.1 in its TLS handshake. */
export function wantsHttp2(error: unknown): boolean {
  return firstCause(error).code.endsWith('ALERT_NO_APPLICATION_PROTOCOL');
}

function brokenText(code: string, message: string): string {
  switch (code) {
    case 'ECONNREFUSED':
      return 'refused the connection';
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return 'closed the connection without an answer';
    case 'EHOSTUNREACH':
      return 'cannot be reached (EHOSTUNREACH)';
    case 'ETIMEDOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return 'did not take the connection in time';
    default:
      return `did not answer with HTTP (${code.startsWith('HPE_') ? code : message})`;
  }
}

const CERTIFICATE =
  /^(CERT_|ERR_TLS_CERT_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$|UNABLE_TO_(GET|VERIFY|DECRYPT|DECODE)_|INVALID_CA$|INVALID_PURPOSE$|HOSTNAME_MISMATCH$|PATH_LENGTH_EXCEEDED$)/;

function isCertificate(code: string): boolean {
  return CERTIFICATE.test(code);
}

/** Node tries several addresses at once and then throws all of their errors together, without a message. */
function firstCause(error: unknown): { code: string; message: string } {
  let current = error;
  for (let depth = 0; depth < MAX_DEPTH && current instanceof Error; depth += 1) {
    if (current instanceof AggregateError && current.errors[0] instanceof Error) current = current.errors[0];
    else if ('code' in current && typeof current.code === 'string' && current.cause === undefined)
      return { code: current.code, message: current.message };
    else if (current.cause instanceof Error) current = current.cause;
    else break;
  }
  const code = current instanceof Error && 'code' in current ? String(current.code) : '';
  return { code, message: current instanceof Error ? current.message : String(current) };
}

const MAX_DEPTH = 5;
