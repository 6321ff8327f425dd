import { z } from 'zod';
import { message } from './message.ts';

/** An http or https URL. */
export function webUrl(example: string) {
  return z.url({
    protocol: /^https?$/,
    error: (issue) =>
      issue.input === undefined
        ? undefined
        : message('must be an http or https URL', `write for example ${example}`),
  });
}
