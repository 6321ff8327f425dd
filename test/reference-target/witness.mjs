/** A process whose only job is to notice when it is not scheduled: it shows how busy the machine is with other things. */
import { keepHeartbeat } from './server-clock.mjs';

const pauses = keepHeartbeat();
process.on('message', () => process.send(pauses.splice(0)));
process.on('disconnect', () => process.exit(0));
