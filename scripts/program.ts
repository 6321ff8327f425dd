import { Command } from 'commander';
import { packageVersion } from '../orchestrator/package.ts';
import { addBuild } from './commands/build.ts';
import { addCompare } from './commands/compare.ts';
import { addDoctor } from './commands/doctor.ts';
import { addDrill } from './commands/drill.ts';
import { addExport } from './commands/export.ts';
import { addGate } from './commands/gate.ts';
import { addPlan } from './commands/plan.ts';
import { addRecover } from './commands/recover.ts';
import { addRegister } from './commands/register.ts';
import { addReport } from './commands/report.ts';
import { addSamples } from './commands/samples.ts';
import { addStop } from './commands/stop.ts';
import { addTestbed } from './commands/testbed.ts';
import { addValidate } from './commands/validate.ts';

/** The command line. Commands only wire things together; they decide nothing. */
export function program(): Command {
  const root = new Command('squall')
    .description(
      'Load, faults and proof on one timeline: does the system keep its promises while things break?',
    )
    .version(packageVersion())
    .showHelpAfterError('(squall --help shows the commands)')
    .exitOverride()
    .addHelpText('after', END_OF_HELP);
  for (const add of [addDoctor, addValidate, addPlan, addDrill, addReport, addSamples, addGate, addCompare])
    add(root);
  for (const add of [addRegister, addStop, addRecover, addTestbed, addBuild, addExport]) add(root);
  for (const command of root.commands)
    command.showHelpAfterError(`(squall ${command.name()} --help shows how)`);
  return root;
}

const END_OF_HELP = `
Exit codes:
  0   PASS
  1   FAIL: a promise was broken
  2   INVALID: the run proves nothing, and says why
  3   something was left behind; the commands that remove it are printed
  64  a mistake in a definition or in the call; nothing was touched

First steps:
  squall doctor
  squall drill chaos/drills/gateway-kill.yaml --env local`;
