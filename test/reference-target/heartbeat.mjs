/** A thread of the target with nothing else to do: its last heartbeat tells when the process died, however busy the target was. */
import { workerData } from 'node:worker_threads';
import { keepHeartbeat } from './server-clock.mjs';

keepHeartbeat(workerData);
