import { asList, asRecord, type Plain } from './plain.ts';

/** openapi-sampler's `sample`, which knows the document. */
export type Sampler = (schema: unknown, options?: { readonly skipReadOnly?: boolean }) => unknown;

/** The values of a parameter as texts: several for a list. */
export interface Sampled {
  readonly texts: readonly string[];
  /** The document does not say one: it is made up from the schema, and perhaps nothing is there under it. */
  readonly isGuess: boolean;
}

/** A value for a parameter: its example, default or first allowed value, else one made up from its schema. */
export function sampleOf(parameter: Plain, sampler: Sampler): Sampled | undefined {
  const [media] = Object.values(asRecord(parameter.content)).map(asRecord);
  // Swagger 2.0 has type, enum and default in the parameter itself.
  const schema = asRecord(
    parameter.schema ?? media?.schema ?? (parameter.type === undefined ? undefined : parameter),
  );
  const [named] = Object.values(asRecord(parameter.examples ?? media?.examples));
  const said = [
    parameter.example,
    media?.example,
    asRecord(named).value,
    parameter['x-example'],
    schema.const,
    schema.example,
    asList(schema.examples)[0],
    schema.default,
    asList(schema.enum)[0],
  ].find((value) => value !== undefined && value !== null);
  const value = said ?? madeUp(schema, sampler);
  // With a media type, it is written as that says.
  const texts = media === undefined ? textsOf(value) : [JSON.stringify(value)];
  return value === undefined || texts.length === 0 ? undefined : { texts, isGuess: said === undefined };
}

/** An id is never 0 in practice, and openapi-sampler says 0: 1 is the most probable one to exist. */
function madeUp(schema: Plain, sampler: Sampler): unknown {
  const type = [schema.type].flat().find((one) => one !== 'null');
  if (type === 'integer' || type === 'number') return schema.minimum ?? 1;
  if (Object.keys(schema).length === 0) return undefined;
  try {
    return sampler(schema);
  } catch {
    return undefined;
  }
}

function textsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(textsOf);
  return typeof value === 'object' || value === undefined ? [] : [String(value)];
}
