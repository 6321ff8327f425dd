/** A thread of the target with nothing else to do: when its last breath was tells when the process died, however busy the target is. */
import { workerData } from 'node:worker_threads';
import { keepBreathing } from './server-clock.mjs';

keepBreathing(workerData);
