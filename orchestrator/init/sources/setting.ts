import { settingsOf } from '../../../thresholds/k6-settings.ts';

/** The place of a setting in a file of requests: k6 fills it in, so that no secret stands in the file. */
export function setting(name: string): string {
  return `\${${name}}`;
}

/** A setting for what somebody else has named: `X-Api-Key` is X_API_KEY. The load's own settings, and variables of shells, stay apart. */
export function settingName(text: string): string {
  const plain = text
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .toUpperCase()
    .slice(0, MOST_CHARACTERS);
  const name = /^[A-Z]/.test(plain) ? plain : `KEY_${plain}`;
  return settingsOf.requests?.includes(name) || OF_OTHERS.test(name) ? `${name}_KEY` : name;
}

/** The name of a variable has 100 at most, with what is put before and behind. */
const MOST_CHARACTERS = 90;

/** What is in many shells for something else: a document must not have it sent to the system. */
const OF_OTHERS =
  /^(ENV|IFS|PS4|BASH_ENV|SHELLOPTS|BASHOPTS|PATH|HOME|USER|LOGNAME|PWD|SHELL|LANG|TZ|TERM|(AWS|AZURE|GOOGLE|GCP|GITHUB|GITLAB|GH|CI|NPM|NODE|SSH|DOCKER|KUBE\w*|K6|SQUALL|VAULT|LD|DYLD)_.*)$/;
