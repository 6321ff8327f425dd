import { asRecord, type Plain } from './plain.ts';

const OPERATIONS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'];

/**
 * An OpenAPI document without what no request of these methods is made from: answers, callbacks, and schemas that nothing else mentions.
 * Large interfaces have thousands of those, many in circles, and some lead nowhere.
 */
export function withoutAnswers(document: Plain, methods: readonly string[]): Plain {
  const { components, definitions } = document;
  const paths = mapped(asRecord(document.paths), (item) =>
    mapped(asRecord(item), (one, key) => operation(one, key, methods)),
  );
  const rest = { ...without(document, ['webhooks', 'responses', 'components', 'definitions']), paths };
  const parts = without(asRecord(components), ['schemas', 'responses', 'callbacks', 'links', 'headers']);
  const among = (schemas: unknown, prefix: string) => mentioned([rest, parts], asRecord(schemas), prefix);
  return {
    ...rest,
    ...(components !== undefined && {
      components: { ...parts, schemas: among(asRecord(components).schemas, '#/components/schemas/') },
    }),
    ...(definitions !== undefined && { definitions: among(definitions, '#/definitions/') }),
  };
}

/** Of one that is not asked for, only that it is there. */
function operation(value: unknown, key: string, methods: readonly string[]): unknown {
  if (!OPERATIONS.includes(key)) return value;
  const own = asRecord(value);
  return methods.includes(key)
    ? without(own, ['responses', 'callbacks'])
    : { deprecated: own.deprecated === true };
}

/** Those schemas that are mentioned, and those that they mention. */
function mentioned(from: unknown, schemas: Plain, prefix: string): Plain {
  const kept: Record<string, unknown> = {};
  const waiting = [from];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    for (const ref of referencesIn(one)) {
      const name = ref.startsWith(prefix) ? nameIn(ref.slice(prefix.length)) : '';
      if (!Object.hasOwn(schemas, name) || Object.hasOwn(kept, name)) continue;
      kept[name] = schemas[name];
      waiting.push(schemas[name]);
    }
  }
  return kept;
}

/** `a~1b/properties/c` and `a%20b`: the first step of a JSON pointer. */
function nameIn(pointer: string): string {
  const [first = ''] = pointer.split('/');
  const plain = first.replaceAll('~1', '/').replaceAll('~0', '~');
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain;
  }
}

function referencesIn(value: unknown, found: string[] = []): string[] {
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, one] of Object.entries(value)) {
    if (key === '$ref' && typeof one === 'string') found.push(one);
    else referencesIn(one, found);
  }
  return found;
}

function mapped(values: Plain, change: (value: unknown, key: string) => unknown): Plain {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value, key)]));
}

function without(record: Plain, keys: readonly string[]): Plain {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));
}
