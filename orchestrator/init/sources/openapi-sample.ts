import { asList, asRecord, type Plain } from './plain.ts';

/** openapi-sampler's `sample`. */
export type Sampler = (schema: unknown, options?: { readonly skipReadOnly?: boolean }) => unknown;

/** A value for a parameter, as a text: its example, default or first allowed value, else one made up from its schema. */
export function sampleOf(parameter: Plain, sampler: Sampler): string | undefined {
  // Swagger 2.0 has type, enum and default in the parameter itself.
  const schema = asRecord(parameter.schema ?? (parameter.type === undefined ? undefined : parameter));
  const [named] = Object.values(asRecord(parameter.examples));
  const said = [
    parameter.example,
    asRecord(named).value,
    parameter['x-example'],
    schema.example,
    asList(schema.examples)[0],
    schema.default,
    asList(schema.enum)[0],
  ].find((value) => value !== undefined && value !== null);
  return said === undefined ? madeUp(schema, sampler) : textOf(said);
}

/** An id is never 0 in practice, and openapi-sampler says 0: 1 is the most probable one to exist. */
function madeUp(schema: Plain, sampler: Sampler): string | undefined {
  if (schema.type === 'integer' || schema.type === 'number') return String(schema.minimum ?? 1);
  if (Object.keys(schema).length === 0) return undefined;
  try {
    return textOf(sampler(schema));
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.map((one) => textOf(one) ?? '').join(',');
  return typeof value === 'object' || value === undefined ? undefined : String(value);
}
