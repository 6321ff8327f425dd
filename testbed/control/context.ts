import type { Logger } from 'pino';
import type { Settings } from '../lib/settings.ts';
import type { Secrets, Testbed } from '../lib/testbed.ts';
import type { Incidents } from './incidents.ts';

/** What the parts of the control loop share. */
export interface Control {
  readonly testbed: Testbed;
  readonly secrets: Secrets;
  readonly log: Logger;
  readonly incidents: Incidents;
  settings(): Settings;
  /**
   * Does something to the testbed, unless the kill switch is on, and writes it to the audit log with its outcome. False when it was
   * not done or failed; it never throws.
   */
  act(action: Action, work: () => Promise<unknown> | unknown): Promise<boolean>;
  /** Like `act`, for restarting something: three tries, then an escalation and nothing more. */
  retry(action: Action, work: () => Promise<unknown> | unknown): Promise<boolean>;
  /** Reports that it is healthy; after a while its tries count from zero again. */
  well(instance: string): void;
}

export interface Action {
  readonly action: string;
  readonly component: string;
  readonly instance: string;
  readonly correlationId: string;
  /** The action is meant to bring the instance back, and counts as a recovery, successful or not. Every `retry` is one. */
  readonly recovers?: true;
}
