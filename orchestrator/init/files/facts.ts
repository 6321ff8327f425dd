import type { Bounds, Component, FoundAuth, FoundRequest, Measurement, ScriptSource } from '../types.ts';

/** Everything that the files are made from. */
export interface Facts {
  /** What the files are called. */
  readonly name: string;
  readonly environment: string;
  /** Where the load goes. */
  readonly baseUrl: string;
  readonly requests: readonly FoundRequest[];
  readonly auth: FoundAuth | null;
  readonly secrets: readonly string[];
  /** Relative to the working directory; null: the load is the file of requests. */
  readonly script: (ScriptSource & { readonly durationMs: number | null }) | null;
  readonly component: Component | null;
  /** Why there is no fault, when there is none. */
  readonly noFault: string | null;
  readonly measurement: Measurement | null;
  readonly bounds: Bounds;
  /** How CI starts the system; null: it runs already, or nobody knows. */
  readonly start: string | null;
  /** Others that were found, for the comments in the environment. */
  readonly others: readonly string[];
  /** Where the schemas are, seen from the working directory: `node_modules/squall/chaos/schema`. */
  readonly schemas: string;
}

/** The first line of a file, by which editors find its schema. */
export function schemaLine(folder: string, schemas: string, name: string): string {
  const up = folder
    .split('/')
    .map(() => '..')
    .join('/');
  const at =
    schemas.startsWith('chaos/') && folder.startsWith('chaos/')
      ? schemas.replace(/^chaos/, '..')
      : `${up}/${schemas}`;
  return `# yaml-language-server: $schema=${at}/${name}.schema.json`;
}

/** A YAML text for anything: JSON is YAML, and needs no thought about colons and quotes. Plain words stay plain. */
export function yamlText(value: string): string {
  return /^[A-Za-z/][\w./:@=?&%~-]*$/.test(value) && !/:$|^(true|false|null|yes|no|on|off|y|n)$/i.test(value)
    ? value
    : JSON.stringify(value);
}

export function isFaultPossible({ component, noFault }: Facts): boolean {
  return component !== null && noFault === null;
}
