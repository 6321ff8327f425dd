import pc from 'picocolors';
import type { DoctorCheck } from './doctor/check.ts';
import { checkEnvironment } from './doctor/environment.ts';
import { checkMachine } from './doctor/machine.ts';
import { checkPrograms } from './doctor/programs.ts';
import { checkRate } from './doctor/rate.ts';

export interface Diagnosis {
  ok: boolean;
  checks: DoctorCheck[];
}

export interface DoctorOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** How long the machine is watched for the rate that it can generate. */
  watchMs?: number;
  /** The environment to look at; left out: `local`, which is no must. */
  environment?: string | undefined;
  /** Addresses that `squall link` keeps open: a drill may use them. */
  isKept?: (address: string) => boolean;
}

/** Looks at this machine and an environment. Reads only, starts nothing, takes seconds. */
export async function doctor({
  cwd = process.cwd(),
  env = process.env,
  watchMs = 2_000,
  environment,
  isKept,
}: DoctorOptions = {}): Promise<Diagnosis> {
  const groups = await Promise.all([
    checkPrograms({ env }),
    checkMachine({ cwd }),
    checkEnvironment({ cwd, env, environment, isKept }),
  ]);
  // Alone: what the others start would make its timers late.
  const rate = await checkRate({ forMs: watchMs });
  const checks = [...groups.flat(), rate];
  return { ok: checks.every(({ ok, onlyFor }) => ok || onlyFor !== undefined), checks };
}

export function renderDoctor({ ok, checks }: Diagnosis): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.flatMap((check) => {
    const head = `${mark(check)} ${check.name.padEnd(width)}  ${check.found}${check.ok || !check.onlyFor ? '' : ` (only for ${check.onlyFor})`}`;
    const fix = check.ok || check.fix === '' ? [] : check.fix.split('\n');
    return [head, ...fix.map((line) => `  ${' '.repeat(width)}  ${pc.dim(line.trim())}`)];
  });
  const missing = checks.filter((check) => !check.ok && check.onlyFor === undefined).length;
  return [...lines, '', ok ? 'Ready.' : `${missing} to put right: see above.`].join('\n');
}

function mark({ ok, onlyFor }: DoctorCheck): string {
  if (ok) return pc.green('✓');
  return onlyFor === undefined ? pc.red('✗') : pc.yellow('–');
}
