import type { ObjectiveSet } from './objective.ts';

/** Nothing waits for each other in a circle. Apart from projects.ts: counted by the service itself, not in its answers. */
const database: ObjectiveSet = [{ name: 'projects.deadlocks', counter: 'database_deadlocks', equals: 0 }];

export default database;
