import type { ObjectiveSet } from './objective.ts';

/** The limits of the objectives below, which count what is outside of them. */
export const limits = { rows: 1_000_000, queryMs: 1_000, migrationMs: 120_000 } as const;

/** A million events answer within a second, and ten thousand more move in within two minutes, none lost. */
const events: ObjectiveSet = [
  { name: 'events.rows', counter: 'events_missing_rows', equals: 0 },
  { name: 'events.query', counter: 'events_query_slow', equals: 0 },
  { name: 'events.found', counter: 'events_query_wrong', equals: 0 },
  { name: 'rds.migration', counter: 'migration_slow', equals: 0 },
  { name: 'rds.migration.lost', counter: 'migration_lost', equals: 0 },
];

export default events;
