import pc from 'picocolors';
import type { DoctorCheck } from './doctor/check.ts';
import { checkEnvironment } from './doctor/environment.ts';
import { checkMachine } from './doctor/machine.ts';
import { checkPrograms } from './doctor/programs.ts';

export interface Diagnosis {
  ok: boolean;
  checks: DoctorCheck[];
}

export interface DoctorOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
}

/** Looks at this machine and the environment `local` of the working directory. Reads only, starts nothing, takes seconds. */
export async function doctor({
  cwd = process.cwd(),
  env = process.env,
}: DoctorOptions = {}): Promise<Diagnosis> {
  const groups = await Promise.all([
    checkPrograms({ env }),
    checkMachine({ cwd }),
    checkEnvironment({ cwd, env }),
  ]);
  const checks = groups.flat();
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
