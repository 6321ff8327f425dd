import { z } from 'zod';
import { message } from './message.ts';

/** HTTP headers; their values may be secrets (`${env:NAME}`). */
export const headers = z
  .record(
    z
      .string()
      .regex(
        /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/,
        message('is no name for an HTTP header', 'write for example Authorization'),
      ),
    z
      .string()
      .max(8_192)
      .regex(/^[^\r\n]*$/, message('a header has one line', 'remove the line break')),
  )
  .default({});
