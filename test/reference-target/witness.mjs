/** A process with nothing to do but to notice when it does not get to do it: how busy the machine is with other things. */
import { keepBreathing } from './server-clock.mjs';

const pauses = keepBreathing();
process.on('message', () => process.send(pauses.splice(0)));
process.on('disconnect', () => process.exit(0));
