import { inert } from '../../../chaos/definitions/issues/inert.ts';
import { wordsIn } from '../../../chaos/definitions/load-requests.ts';
import { RefusalError } from '../../refusal.ts';
import type { Source } from '../types.ts';
import { secretIn } from './secret.ts';
import { setting, settingName } from './setting.ts';
import { slug } from './slug.ts';

/** A URL: what is asked is its path, and what is known of any web service. @throws RefusalError */
export function fromUrl(text: string): Source {
  const url = parseUrl(text);
  const path = pathOf(url);
  return {
    kind: 'url',
    name: slug(url.hostname === '127.0.0.1' ? 'localhost' : url.hostname),
    baseUrl: url.origin,
    urlIsGiven: true,
    requests: [{ method: 'GET', path, weight: 1 }],
    auth: null,
    secrets: wordsIn(path),
    script: null,
    compose: null,
    leftOut: [],
  };
}

/** With its query; `${API_KEY}` in it stays a setting. */
export function pathOf({ pathname, search }: URL): string {
  return `${pathname}${search}`.replace(/\$(?:\{|%7B)(\w+)(?:\}|%7D)/gi, (_, name: string) => setting(name));
}

/** `localhost:8080/x`: what people type when they mean http. */
export const HOST_AND_PORT = /^(localhost|\d+(\.\d+){3}|\[[\da-f:]+\]|[\w-]+(\.[\w-]+)+):\d+(\/|$)/i;

/** @throws RefusalError for anything but http and https, and for what may be a secret in it, which would end up in files */
export function parseUrl(text: string): URL {
  const url = urlOf(text);
  const secret = secretIn(url);
  if (secret === null) return url;
  const name = secret.includes(' ') ? 'SECRET' : settingName(secret);
  throw new RefusalError(`init: ${inert(secret)} in the URL may be a secret, which would end up in files`, {
    fix: `write ${setting(name)} in the place of its value, the URL in single quotes, and the value into this shell: export ${name}=…`,
  });
}

/** One that ends up in no file. @throws RefusalError for anything but http and https, and for a password */
export function urlOf(text: string): URL {
  let url: URL;
  try {
    url = toAsk(new URL(HOST_AND_PORT.test(text) ? `http://${text}` : text));
  } catch (cause) {
    throw new RefusalError(`init: ${JSON.stringify(text)} is not a URL`, {
      cause,
      fix: 'write for example http://127.0.0.1:8080',
    });
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new RefusalError(`init: ${url.protocol}// is not http or https`, {
      fix: 'a system that speaks another protocol takes a k6 script of its own: squall init script.js',
    });
  if (url.username !== '' || url.password !== '')
    throw new RefusalError('init: the URL holds a user or a password, which would end up in files', {
      fix: `leave it out, and write \`auth: { basic: "user:${setting('PASSWORD')}" }\` into the file of requests afterwards`,
    });
  return url;
}

/** Services print 0.0.0.0 and [::] when they listen at all addresses: on this machine they are asked at the usual one. */
export function toAsk(url: URL): URL {
  const copy = new URL(url);
  if (copy.hostname === '0.0.0.0') copy.hostname = '127.0.0.1';
  if (copy.hostname === '[::]') copy.hostname = '[::1]';
  return copy;
}

/** Names and addresses of this machine itself. */
export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return (
    hostname === 'localhost' ||
    hostname === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(hostname) ||
    hostname.endsWith('.localhost')
  );
}

/** The port, also where the URL leaves it to the scheme. */
export function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  return port === '' ? (/^(https|wss):$/.test(protocol) ? 443 : 80) : Number(port);
}
