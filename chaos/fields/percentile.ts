import { z } from 'zod';
import { message } from './message.ts';

/** Below 1 it is a share that somebody took for a percentile: almost the fastest request would then keep a bound for the slow ones. */
export const percentileNumber = z
  .number()
  .min(1, message('a percentile is between 1 and 100', 'write 95, not 0.95'))
  .lt(100);
