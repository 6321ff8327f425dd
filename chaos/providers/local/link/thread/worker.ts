import { readlinkSync } from 'node:fs';
import path from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { ProviderError } from '../../../../prepared-fault.ts';
import { answersOf } from '../answers.ts';
import { openLink } from '../link.ts';
import type { FromThread, ToThread } from './messages.ts';

/** The thread that carries one link: see open-in-thread.ts. */
const port = parentPort;
if (port === null) throw new Error('this runs as a thread of squall');
const say = (message: FromThread) => port.postMessage(message);

try {
  const link = await openLink(workerData as { listen: string; upstream: string });
  const drill = answersOf(link)();
  port.on('message', async (message: ToThread) => {
    if (message.ask !== 'close') {
      say({ answer: await drill.answer(message) });
      return;
    }
    await link.close();
    port.close();
  });
  say({ opened: link.address, thread: threadNumber() });
} catch (error) {
  const fix = error instanceof ProviderError ? error.fix : undefined;
  say({ problem: (error as Error).message, fix });
}

/** The kernel's, by which others may see how long this thread waited for a processor. Undefined where there is no /proc. */
function threadNumber(): number | undefined {
  try {
    return Number(path.basename(readlinkSync('/proc/thread-self')));
  } catch {
    return undefined;
  }
}
