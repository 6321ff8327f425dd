import type { ObjectiveSet } from './objective.ts';

/** No deadlocks. Not in projects.ts, because the service counts them itself and its answers do not show them. */
const database: ObjectiveSet = [{ name: 'projects.deadlocks', counter: 'database_deadlocks', equals: 0 }];

export default database;
