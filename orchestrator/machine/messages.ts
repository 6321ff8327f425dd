import { z } from 'zod';

/** To the process that watches the machine: from now on, these generate the load. */
export const pidsToWatch = z.array(z.int().min(2)).readonly();
