import { connect } from 'node:net';
import { parseHostPort } from '../../../fields/host-port.ts';

export type ProbeOutcome = 'refused' | 'reset' | 'open' | 'failed';

/**
 * One connection to the link, as a client would make it: what became of it within `forMs`. It sends nothing, so it needs no
 * protocol of the upstream.
 */
export function probeLink(address: string, forMs: number): Promise<{ outcome: ProbeOutcome; at: number }> {
  return new Promise((resolve) => {
    const socket = connect(parseHostPort(address));
    const end = (outcome: ProbeOutcome) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ outcome, at: Date.now() });
    };
    const timer = setTimeout(() => end('open'), forMs);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      end(error.code === 'ECONNREFUSED' ? 'refused' : error.code === 'ECONNRESET' ? 'reset' : 'failed');
    });
  });
}
