import { ACKNOWLEDGED_COUNTER, WRITE_ID_KEY } from '../../thresholds/k6-names.ts';
import { readRecording } from '../samples/recording/recording.ts';
import { parsePairs } from '../samples/recording/tag-sets.ts';
import { createView } from '../samples/recording/view.ts';

/**
 * The ids of all writes that the load was told are safe, in the order of the recordings, in batches of one step.
 * An acknowledgement without an id is an error of the scenario: it is passed on as an empty string, so that it is not overlooked.
 */
export async function* acknowledgedWrites(recordings: readonly string[]): AsyncGenerator<string[]> {
  for (const file of recordings) {
    let batch: string[] = [];
    const view = createView({
      wants: (metric) => metric === ACKNOWLEDGED_COUNTER,
      request: () => {},
      sample: (_metric, _tags, _time, _value, metadata) =>
        batch.push(parsePairs(metadata)[WRITE_ID_KEY] ?? ''),
    });
    for await (const _ of readRecording(file, view).steps) {
      if (batch.length === 0) continue;
      yield batch;
      batch = [];
    }
  }
}
