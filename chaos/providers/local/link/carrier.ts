import { deadline } from '../../../deadline.ts';
import { identify, isAlive, type ProcessIdentity } from '../../../process-identity.ts';
import { waitUntil } from '../../../wait-until.ts';

/** This process, as the one that carries links. */
export function thisCarrier(): ProcessIdentity {
  const identity = identify(process.pid);
  if (identity === null) throw new Error('a process can read its own identity');
  return identity;
}

/** Whether the carrier has ended, with all its sockets. Waits a little, because the caller may have noticed its death too early. */
export async function carrierEnded(carrier: ProcessIdentity, signal: AbortSignal): Promise<boolean> {
  const gone = () => (isAlive(carrier) ? undefined : true);
  const bounded = deadline(2000, signal);
  return waitUntil(gone, { signal: bounded, everyMs: 5, otherwise: () => '' }).catch(() => false);
}
