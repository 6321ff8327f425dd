import type { Environment } from '../../chaos/schema/environment.ts';

/** What a load gets as settings: what the environment says for all, then what the drill says for this one. */
export function loadVars(
  { traces, vars }: Pick<Environment, 'traces' | 'vars'>,
  load: { readonly vars: Readonly<Record<string, string>> },
): Record<string, string> {
  return { ...(traces && { TRACES: traces.share }), ...vars, ...load.vars };
}
