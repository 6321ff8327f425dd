import type { Register } from '../../chaos/schema/register.ts';
import { measurePromises, type PromiseRow } from '../promises/measure.ts';
import type { MeasuredRun } from '../promises/measured-run.ts';
import { measurePage } from './page-run.ts';

/** Each promise with its last measurement over these runs, and over the page that is made of them: reporting is promised, too. */
export function measureRegister(register: Register, runs: readonly MeasuredRun[]): PromiseRow[] {
  const page = { register, runs, rows: measurePromises(register, runs) };
  return measurePromises(register, [...runs, measurePage(page)]);
}
