import type { Account } from '../account.ts';
import type { EcsTask } from '../calls/ecs.ts';

/** Definitions of which a task has told of its health once: their containers have a health check. */
const seenChecked = new WeakMap<Account, Set<string>>();

/**
 * Those of `all` that serve. A new task is RUNNING while its health check has not answered yet: its health is UNKNOWN then, as it always is
 * where there is no check. To read the definition would take another right, so another task of the same one has to tell, now or before.
 */
export function readyOf(account: Account, all: readonly EcsTask[]): readonly EcsTask[] {
  const checked = seenChecked.get(account) ?? new Set();
  seenChecked.set(account, checked);
  for (const { definition, health } of all) if (health !== 'UNKNOWN') checked.add(definition);
  return all.filter(
    ({ status, health, definition }) =>
      status === 'RUNNING' && (health === 'HEALTHY' || (health === 'UNKNOWN' && !checked.has(definition))),
  );
}
