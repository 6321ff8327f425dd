/** One thing that squall needs, or can use. */
export interface DoctorCheck {
  name: string;
  ok: boolean;
  /** What was found, in words. */
  found: string;
  /** How to get it or put it right; empty when there is nothing to do. */
  fix: string;
  /** What it is only needed for. If it is missing, the machine is still fit for the rest. */
  onlyFor?: string;
}
