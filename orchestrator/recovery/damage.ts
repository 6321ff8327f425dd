import type { Damage, JournalEvent } from '../journal/events.ts';
import { describeDamage, type JournalContents } from '../journal/read-journal.ts';
import type { Residue } from '../verdict.types.ts';
import { describeOutOfReach, type OutOfReach } from './out-of-reach.ts';

/** Damaged lines that nobody has declared clean yet: any of them may have named something that is still to be undone. */
export function unansweredDamage({ lines, damages }: JournalContents): readonly Damage[] {
  const answered = lines.flatMap(({ event }) => (event.type === 'declared-clean' ? event.damage : []));
  const isSame = (one: Damage) => (other: Damage) => one.line === other.line && one.kind === other.kind;
  return damages.filter((damage) => !answered.some(isSame(damage)));
}

/** Records that the user looked, and found nothing left of what the damaged lines or the unreachable records may have armed. */
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

/** @param run the run's id or directory, as `squall recover` takes it */
export function damageAsResidue(damage: Damage, run: string): Residue {
  return mayBeLeft(`the journal is damaged, ${describeDamage(damage)}: ${UNKNOWN[damage.kind]}`, run);
}

/** Only a person can find out what is left, and declare it clean. */
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
