import { writeIndex } from '../orchestrator/report/index/write-index.ts';

/** The page over the runs of a directory, after one more. A convenience: its failure never costs the verdict. */
export function indexRuns(directory: string): void {
  try {
    writeIndex(directory);
  } catch (error) {
    process.stderr.write(`squall: ${directory}/index.html was not updated: ${(error as Error).message}\n`);
  }
}
