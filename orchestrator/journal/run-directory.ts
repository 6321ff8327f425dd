import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { RefusalError } from '../refusal.ts';

const JOURNAL = 'journal.jsonl';
/** Where runs go by default, in the working directory. */
const REPORTS = 'reports';

/** The journal of the run in this directory. */
export function journalOf(directory: string): string {
  return path.join(directory, JOURNAL);
}

/** The directory of a run, given as a path or as a run id in reports/. @throws RefusalError */
export function findRun(run: string): string {
  const found = [path.resolve(run), path.resolve(REPORTS, run)].find((directory) =>
    existsSync(journalOf(directory)),
  );
  if (found === undefined)
    throw new RefusalError(
      `no recorded run ${run}, neither here nor in ${REPORTS}/ (a run's directory has a ${JOURNAL})${newest()}`,
    );
  return found;
}

/** Run ids start with the time. */
function newest(): string {
  const runs = existsSync(REPORTS) ? readdirSync(REPORTS).filter((name) => name !== 'latest') : [];
  return runs.length === 0 ? '' : `; the newest: ${runs.sort().reverse().slice(0, 3).join(', ')}`;
}
