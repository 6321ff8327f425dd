import { readText } from '../lib/files.ts';
import { paths, type Testbed } from '../lib/testbed.ts';

export interface Correlation {
  /** Of the latest alerts. */
  readonly alerts: number;
  /** Those whose correlation id no line of the log has. */
  readonly unlogged: number;
}

/** Can what an alert tells be found in the log? The log is bounded, so only the latest alerts are looked up. */
export function correlationOf(testbed: Testbed, sent: readonly string[]): Correlation {
  const file = paths(testbed.dir).logFile('control');
  const log = `${readText(`${file}.1`) ?? ''}${readText(file) ?? ''}`;
  return { alerts: sent.length, unlogged: sent.filter((id) => !log.includes(id)).length };
}
