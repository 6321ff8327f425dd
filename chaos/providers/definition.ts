import type { z } from 'zod';
import type { DrillFault, FaultKindName } from '../faults/index.ts';

type Path = readonly (string | number)[];

/**
 * What is to be known of a provider before anything is touched, as data and pure functions: its kind of component, and what one
 * of them is. One file per provider, in its folder; all of them are listed in definitions.ts.
 */
export interface ProviderDefinition<Schema extends z.ZodType<{ readonly provider: string }>> {
  /** Its `provider` is the literal name of the provider. */
  readonly component: Schema;
  /** Everything that it hits is on this machine. */
  readonly isLocal: boolean;
  facts(component: z.output<Schema>): ComponentFacts<z.output<Schema>>;
}

/** Paths are relative to the component. */
export interface ComponentFacts<Component> {
  /** In words, e.g. `a local link`. */
  readonly form: string;
  readonly kinds: readonly FaultKindName[];
  /** A parameter of a kind that is known, but not done here. */
  readonly refusedParam?: (fault: DrillFault) => RefusedParam | undefined;
  /** How long a fault takes there, for managed services; left out: as long as on one machine, or about. */
  readonly pace?: (fault: DrillFault) => Pace;
  /** What no other component may have as well, e.g. a pid file: the two would be one thing, counted and undone twice. */
  readonly identities: readonly Identity[];
  /** Texts in which `${env:NAME}` counts. */
  readonly secrets: readonly { readonly path: Path; readonly text: string }[];
  /** With the paths of files in it made absolute. */
  withPaths(absolute: (file: string) => string): Component;
}

/** Counted from the order on: a managed service takes its time. */
export interface Pace {
  /** A load that ends sooner sees nothing: such a drill is refused. */
  readonly leastMs: number;
  /** It may take as long as this. */
  readonly mostMs: number;
  /** So long after one fault another is not carried out there; left out: it may come at once. */
  readonly again?: {
    readonly afterMs: number;
    /** What has to have settled, where that is more than the component. */
    readonly of?: string;
  };
  /** What users usually get. */
  readonly downtimeMs: { readonly from: number; readonly to: number };
}

export interface RefusedParam {
  /** Inside the fault. */
  readonly path: Path;
  readonly rule: string;
  readonly fix: string;
}

export interface Identity {
  /** The first word says what it is, the rest which, e.g. `port 9000`. */
  readonly what: string;
  readonly path: Path;
  /** As it is written. */
  readonly value: string;
}
