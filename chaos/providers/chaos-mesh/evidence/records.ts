import type { ChaosObject, ContainerRecord, RecordEvent } from '../objects/types.ts';

/**
 * What an object's records say, by their events. Conditions are not read: `AllRecovered` is true before the injection as
 * well, and none of them has a time.
 */
export interface Progress {
  /** Pods or containers that are under the fault: an Apply has succeeded, and no Recover since. */
  readonly injected: readonly ContainerRecord[];
  /** Those where a Recover has succeeded after an Apply. */
  readonly recovered: readonly ContainerRecord[];
  /** Everything that the object has selected. */
  readonly selected: readonly ContainerRecord[];
  /** The newest failure of a record that is not injected, in Chaos Mesh's words. */
  readonly failure: string | undefined;
}

export function readProgress(object: ChaosObject | undefined): Progress {
  const selected = object?.status?.experiment?.containerRecords ?? [];
  return {
    selected,
    injected: selected.filter((record) => last(record)?.operation === 'Apply'),
    recovered: selected.filter(
      (record) => last(record)?.operation === 'Recover' && record.recoveredCount >= 1,
    ),
    failure: newestFailure(selected),
  };
}

/** `web-1: Apply succeeded at 12:00:01 (cluster time)`, one for each record. */
export function describeEvents(
  records: readonly ContainerRecord[],
  operation: RecordEvent['operation'],
): string[] {
  return records.flatMap((record) => {
    const event = record.events?.findLast((e) => e.operation === operation && e.type === 'Succeeded');
    return event === undefined
      ? []
      : [`${record.id}: Chaos Mesh reports ${operation} succeeded at ${event.timestamp} (cluster time)`];
  });
}

const last = (record: ContainerRecord) => record.events?.findLast((event) => event.type === 'Succeeded');

function newestFailure(records: readonly ContainerRecord[]): string | undefined {
  let newest: RecordEvent | undefined;
  for (const record of records) {
    if (last(record)?.operation === 'Apply') continue;
    const event = record.events?.findLast((e) => e.type === 'Failed');
    if (event !== undefined && (newest === undefined || event.timestamp >= newest.timestamp)) newest = event;
  }
  return newest === undefined
    ? undefined
    : `${newest.operation} failed at ${newest.timestamp}: ${newest.message ?? ''}`;
}
