import type { MeterPlan } from './kinds/index.ts';

/**
 * A name that no request had is mistyped, here or in the script: those that there were show which. Null: there was such a request, or nobody
 * can say.
 */
export function unknownName({ objective, from }: MeterPlan, names: readonly string[] | null): string | null {
  const asked = objective.where?.name;
  if (from.source !== 'requests' || asked === undefined || names === null || names.length === 0) return null;
  if (names.includes(asked)) return null;
  const more = names.length > SHOWN ? `, and ${names.length - SHOWN} more` : '';
  return `no request is named ${asked}; seen: ${names.slice(0, SHOWN).join(', ')}${more}`;
}

const SHOWN = 8;
