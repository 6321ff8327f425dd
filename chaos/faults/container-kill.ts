import { z } from 'zod';
import { happensOnce } from './kind.ts';
import { countParam } from './targets.ts';

export const containerKill = happensOnce({
  kind: 'container-kill',
  reversible: true,
  takesAway: true,
  summary: 'ends a container inside its pod; the pod stays and its kubelet starts the container again',
  params: z.strictObject({ ...countParam }).prefault({}),
});
