import { z } from 'zod';
import { message } from '../fields/message.ts';

const text = z.string().max(8_192);
const headerName = z
  .string()
  .regex(
    /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/,
    message('is no name for an HTTP header', 'write for example accept'),
  );
const headers = z
  .record(headerName, text.regex(/^[^\r\n]*$/, message('a header has one line', 'remove the line break')))
  .optional();

const short = z
  .string()
  .max(4_096)
  .regex(
    /^[A-Z]{1,20} \/\S*$/,
    message('a request is a method and a path below BASE_URL', 'write for example GET /products'),
  );

const status = z.union([
  z.int().min(100).max(599),
  z.string().regex(/^[1-5]xx$/, message('must be a status', 'write for example 200, 2xx or [200, 404]')),
]);

const expected = z.strictObject({
  status: z
    .union([status, z.array(status).min(1).max(50)], {
      error: message('must be a status', 'write for example 200, 2xx or [200, 404]'),
    })
    .optional()
    .describe('any other fails the request; left out: 200 to 399'),
  contains: z
    .string()
    .min(1)
    .max(1_000)
    .optional()
    .describe('a text in the body; whether it was there is the rate `checks`'),
});

const long = z.strictObject({
  method: z
    .string()
    .regex(/^[A-Z]{1,20}$/, message('must be a method in capitals', 'write for example POST'))
    .optional(),
  path: z
    .string()
    .max(4_096)
    .regex(/^\/\S*$/, message('must be a path below BASE_URL', 'write for example /products?page=2')),
  weight: z.number().gt(0).max(1e6).optional().describe('how often, compared with the others; left out: 1'),
  body: z.unknown().optional().describe('a text is sent as it is, anything else as JSON'),
  headers,
  name: z
    .string()
    .min(1)
    .max(200)
    .regex(
      /^[^{},]*$/,
      message(
        'a name has no braces and no comma',
        'k6 could not select it; write for example GET /users/:id',
      ),
    )
    .optional()
    .describe('what its samples are called; left out: the method and the path without its query'),
  expect: expected.optional(),
  redirects: z
    .int()
    .min(0)
    .max(20)
    .optional()
    .describe('how many are followed, wherever they lead; left out: 10'),
});

const auth = z.union(
  [
    z.strictObject({ bearer: text.min(1) }),
    z.strictObject({ basic: text.regex(/:/, message('must be user:password', 'write the colon')) }),
    z.strictObject({ header: headerName, value: text.min(1) }),
  ],
  {
    error: message(
      'there is one way to prove who asks',
      'say `bearer:`, `basic:`, or `header:` with `value:`; cookies are a header',
    ),
  },
);

/** What the load `requests` sends; scenarios/lib/requests/request-file.ts is the same for k6. */
export const requestFile = z.strictObject({
  $schema: z.string().optional(),
  headers: headers.describe('for every request'),
  auth: auth
    .optional()
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what people write
    .describe('secrets as ${NAME}: a setting, such as one of the `vars` of the environment'),
  requests: z
    .array(
      z.union([short, long], {
        error: message(
          'a request has a path',
          'write for example GET /products, or { path: /products, weight: 3 }',
        ),
      }),
    )
    .min(1, message('there is nothing to send', 'add one, for example `- GET /products`'))
    .max(500),
});

export type RequestFile = z.output<typeof requestFile>;
