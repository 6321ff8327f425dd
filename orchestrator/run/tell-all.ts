import path from 'node:path';
import { redactor } from '../journal/redact.ts';
import type { Judgement, RecordedRun } from '../judge/types.ts';
import { packageVersion } from '../package.ts';
import { tell } from '../report/integrations/tell.ts';
import { TOLD_FILE, type ToldOutcome, toldJson } from '../report/integrations/told.ts';
import { replaceFile } from '../report/replace-file.ts';
import { writeReport } from '../report/write-report.ts';
import type { DrillOptions } from './options.ts';

/** After the report is written, and into it afterwards: services that are slow or dead must not keep it back. Never rejects. */
export async function tellAll(
  { environment, secrets }: Pick<DrillOptions, 'environment' | 'secrets'>,
  judgement: Judgement,
  recorded: RecordedRun,
): Promise<readonly ToldOutcome[]> {
  const { integrations, http } = environment;
  if (integrations === undefined) return [];
  const told = await tell({
    integrations,
    told: { verdict: judgement.verdict, squall: packageVersion() },
    http,
    redact: redactor(secrets),
  });
  await replaceFile(path.join(recorded.directory, TOLD_FILE), toldJson(told))
    .then(() => writeReport(recorded.directory, judgement, recorded))
    // A full disk has been said already, as the report's problem.
    .catch(() => {});
  return told;
}
