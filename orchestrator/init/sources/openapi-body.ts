import { type Sampler, sampleOf } from './openapi-sample.ts';
import { asRecord, asText, type Plain } from './plain.ts';

/** What a request sends, and what it says of that. */
export interface Body {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const FORM = 'application/x-www-form-urlencoded';

/** The body of an operation, with values; a text: why there can be none. */
export function bodyOf(operation: Plain, parameters: readonly Plain[], sampler: Sampler): Body | string {
  const asked = asRecord(operation.requestBody);
  const content = asRecord(asked.content);
  const types = Object.keys(content);
  const json = types.find((type) => /[/+]json\b|^\*\/\*/.test(type));
  if (json !== undefined) return jsonBody(json, asRecord(content[json]), sampler);
  const form = types.find((type) => type.startsWith(FORM));
  if (form !== undefined) return formBody(sampled(asRecord(content[form]), sampler));
  if (types.length > 0) return asked.required === true ? `its body is ${types[0]}` : {};
  // Swagger 2.0.
  const whole = parameters.find((one) => one.in === 'body');
  if (whole !== undefined) return jsonBody('application/json', whole, sampler);
  const fields = parameters.filter((one) => one.in === 'formData' && one.required === true);
  if (fields.some(({ type }) => type === 'file')) return 'its body is a file';
  if (fields.length === 0) return {};
  return formBody(
    Object.fromEntries(
      fields.map((field) => [asText(field.name) ?? '', sampleOf(field, sampler)?.texts.join(',') ?? '']),
    ),
  );
}

/** The load says `application/json` by itself. */
function jsonBody(type: string, media: Plain, sampler: Sampler): Body {
  const body = sampled(media, sampler);
  const isUsual = type.startsWith('application/json') || type.startsWith('*/*');
  return {
    ...(body !== undefined && { body }),
    ...(body !== undefined && !isUsual && { headers: { 'content-type': type } }),
  };
}

/** Lists and objects in it as `a[0]=1&b[c]=2`, which most servers understand. */
function formBody(value: unknown): Body {
  const fields = fieldsOf(value).map(
    ([name, one]) => `${encodeURIComponent(name)}=${encodeURIComponent(one)}`,
  );
  return fields.length === 0 ? {} : { body: fields.join('&'), headers: { 'content-type': FORM } };
}

function fieldsOf(value: unknown, name = ''): [string, string][] {
  if (typeof value !== 'object' || value === null)
    return value === undefined || value === null || name === '' ? [] : [[name, String(value)]];
  return Object.entries(value).flatMap(([key, one]) => fieldsOf(one, name === '' ? key : `${name}[${key}]`));
}

function sampled(media: Plain, sampler: Sampler): unknown {
  if (media.example !== undefined) return media.example;
  const [first] = Object.values(asRecord(media.examples));
  const { value } = asRecord(first);
  if (value !== undefined) return value;
  try {
    return sampler(media.schema, { skipReadOnly: true });
  } catch {
    return undefined;
  }
}
