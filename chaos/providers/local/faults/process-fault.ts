import type { SessionContext } from '../../../provider.ts';
import type { ProcessTarget } from '../processes/find-processes.ts';

/** What a fault on processes is given. */
export interface ProcessFault {
  readonly fault: string;
  readonly targets: readonly ProcessTarget[];
  /** Only the process that the pid file names, whatever belongs to it (`params: { only: parent }`). */
  readonly alone: boolean;
  /** For undo records of what turns up only while the fault goes in. */
  readonly context: Pick<SessionContext, 'arm' | 'disarm'>;
}
