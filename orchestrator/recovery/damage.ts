import type { Damage, JournalEvent } from '../journal/events.ts';
import { describeDamage, type JournalContents } from '../journal/read-journal.ts';
import type { Residue } from '../verdict.types.ts';
import { describeOutOfReach, type OutOfReach } from './out-of-reach.ts';

/** Damaged lines of a journal that no person has answered for yet: any of them may be the one that says what is still to undo. */
export function unansweredDamage({ lines, damages }: JournalContents): readonly Damage[] {
  const answered = lines.flatMap(({ event }) => (event.type === 'declared-clean' ? event.damage : []));
  const isSame = (one: Damage) => (other: Damage) => one.line === other.line && one.kind === other.kind;
  return damages.filter((damage) => !answered.some(isSame(damage)));
}

/** A person has looked and says that nothing is left of what these lines may have stood for, nor of what is out of reach. */
export function declaredClean(
  damages: readonly Damage[],
  away: readonly OutOfReach[],
  run: string,
): JournalEvent {
  return {
    type: 'declared-clean',
    damage: damages,
    records: away.map((one) => ({ id: one.record.id, what: describeOutOfReach(one) })),
    words: declaringCommand(run),
  };
}

/** @param run what `squall recover` finds the run by */
export function damageAsResidue(damage: Damage, run: string): Residue {
  return mayBeLeft(`the journal is damaged, ${describeDamage(damage)}: ${UNKNOWN[damage.kind]}`, run);
}

/** Nobody but a person can find out, and say so. */
export function mayBeLeft(why: string, run: string): Residue {
  return {
    what: `${why}; look at everything that the drill was to touch, and when nothing is left of it, say so`,
    command: declaringCommand(run),
  };
}

function declaringCommand(run: string): string {
  return `squall recover ${run} --declare-clean`;
}

const UNKNOWN = {
  changed: 'it counts as it reads now, and what it said before is not known',
  unreadable: 'what it armed or undid is not known',
  strange: 'nothing is undone by it, and what it armed or undid is not known',
  gap: 'lines are missing before it, and what they armed or undid is not known',
} as const;
