import { Command } from 'commander';
import { packageVersion } from '../orchestrator/package.ts';
import { addBuild } from './commands/build.ts';
import { addDoctor } from './commands/doctor.ts';
import { addDrill } from './commands/drill.ts';
import { addExport } from './commands/export.ts';
import { addNotYet } from './commands/not-yet.ts';
import { addPlan } from './commands/plan.ts';
import { addRecover } from './commands/recover.ts';
import { addReport } from './commands/report.ts';
import { addSamples } from './commands/samples.ts';
import { addStop } from './commands/stop.ts';
import { addTestbed } from './commands/testbed.ts';
import { addValidate } from './commands/validate.ts';

/** The command line, as CONTRACT.md fixes it. Every command wires and decides nothing. */
export function program(): Command {
  const root = new Command('squall')
    .description(
      'Load, faults and proof on one timeline: does the system keep its promises while things break?',
    )
    .version(packageVersion())
    .showHelpAfterError('(squall --help shows the commands)')
    .exitOverride()
    .addHelpText(
      'after',
      '\nExit codes: 0 PASS, 1 FAIL, 2 INVALID (the run proves nothing), 3 something was left behind, 64 bad usage or definition',
    );
  for (const add of [addBuild, addValidate, addPlan, addDrill, addRecover, addStop, addReport]) add(root);
  for (const add of [addSamples, addTestbed, addDoctor, addExport, addNotYet]) add(root);
  return root;
}
