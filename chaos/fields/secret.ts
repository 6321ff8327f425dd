import { z } from 'zod';
import { message } from './message.ts';

/** `${env:NAME}` alone: a token that stands in a file is a token in a repository. */
export const secret = z.string().regex(
  /^\$\{env:[A-Za-z_][A-Za-z0-9_]{0,199}\}$/,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what people write
  message('a secret does not stand in a file', 'write ${env:NAME}, and set NAME where squall runs'),
);
