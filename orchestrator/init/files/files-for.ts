import type { PlannedFile } from '../types.ts';
import { drillFile } from './drill.ts';
import { environmentFile } from './environment.ts';
import type { Facts } from './facts.ts';
import { requestsFile } from './requests.ts';
import { thresholdsFile } from './thresholds.ts';
import { ignoreFile, workflowFile } from './workflow.ts';

export interface Planned {
  readonly files: readonly PlannedFile[];
  readonly drill: string;
  /** Of the files, those that squall itself reads, relative to the working directory. */
  readonly definitions: readonly string[];
}

/** Everything that `squall init` writes. */
export function filesFor(facts: Facts): Planned {
  const drill = drillFile(facts);
  const requests = requestsFile(facts);
  const definitions = [environmentFile(facts), ...(requests === null ? [] : [requests]), drill];
  return {
    files: [
      ...definitions.slice(0, -1),
      thresholdsFile(facts),
      drill,
      workflowFile(facts, drill.file),
      ignoreFile(),
    ],
    drill: drill.file,
    definitions: definitions.map(({ file }) => file),
  };
}
