import { InvalidArgumentError, Option } from 'commander';
import type { Variables } from '../chaos/definitions/read/variables.ts';
import { shellWord } from '../chaos/shell-word.ts';

/** `--var NAME=value`, any number of times. */
export function varOption(): Option {
  return new Option('--var <name=value>', "another value for one of the drill's variables; can be repeated")
    .argParser((text: string, previous: Variables): Variables => {
      const at = text.indexOf('=');
      if (at < 1) throw new InvalidArgumentError('write NAME=value');
      return { ...previous, [text.slice(0, at)]: text.slice(at + 1) };
    })
    .default({}, 'as in the drill');
}

/** The same again, for a command that is printed. */
export function varArguments(vars: Variables): string {
  return Object.entries(vars)
    .map(([name, value]) => ` --var ${shellWord(`${name}=${value}`)}`)
    .join('');
}
