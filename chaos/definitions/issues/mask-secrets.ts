import { isTellingName, TELLING_NAME } from '../../secret-texts.ts';
import type { Path } from './source.ts';

/**
 * Covers what looks like a secret in a line that goes into a message: the password in a URL, and the value of a key with a
 * telling name. The length stays, so that a caret below still points to the right column.
 */
export function maskSecrets(line: string): string {
  return line.slice(0, 10_000).replace(URL_PASSWORD, cover).replace(TELLING_KEY, cover);
}

const URL_PASSWORD = /(:\/\/[^\s/:@]{0,200}:)([^\s/]{1,400})(?=@)/g;
const TELLING_KEY = new RegExp(
  `(${TELLING_NAME}[\\w-]{0,40}["']?\\s{0,20}:\\s{1,20})([^\\s,}].{0,2000})`,
  'gi',
);

function cover(_match: string, before: string, secret: string): string {
  // A reference to a variable of the environment is not a secret, and is worth seeing.
  return /^["']?\$\{env:[A-Za-z_]\w*\}["']?\s*}*$/.test(secret)
    ? before + secret
    : before + '*'.repeat(secret.length);
}

/** Values in which people should not, but do, write secrets in the clear: they are never repeated in a message. */
export function isSecretPlace(path: Path): boolean {
  const last = String(path.at(-1));
  return (
    isTellingName(last) ||
    last === 'routingKey' ||
    last === 'webhook' ||
    path.some(
      (part) =>
        part === 'vars' || part === 'headers' || part === 'url' || part === 'lookup' || part === 'prometheus',
    )
  );
}
