import { identify, isSameBoot } from '../../chaos/process-identity.ts';
import type { Undoing } from '../undo.ts';
import type { ActiveRun } from './active-run.ts';
import { isElsewhere, ownPlace } from './elsewhere.ts';

/** For a run of another container or machine: whose processes seem to be gone from here may be frozen there. */
export function withinSight(undoing: readonly Undoing[], active: ActiveRun): readonly Undoing[] {
  const where = outOfSight(active);
  if (where === null) return undoing;
  const detail = `it was done on ${where}, whose processes cannot be seen here: run squall recover ${active.run} there`;
  return undoing.map((one) =>
    one.seesProcesses
      ? { ...one, undo: async () => ({ state: 'failed', detail, sight: 'out-of-reach' }) }
      : one,
  );
}

/** Where it is; null for one whose processes can be seen, also when the machine has been given another name meanwhile. */
function outOfSight({ place, owner }: ActiveRun): string | null {
  if (place === undefined || !isElsewhere(place)) return null;
  const [[host, namespace], [ownHost, ownNamespace]] = [place.split(' '), ownPlace().split(' ')];
  const self = identify(process.pid);
  if (namespace === ownNamespace && self !== null && isSameBoot(owner, self)) return null;
  return host === ownHost ? `${host} in another pid namespace` : `${host}`;
}
