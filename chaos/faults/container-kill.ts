import { z } from 'zod';
import type { FaultKind } from './kind.ts';
import { countParam } from './targets.ts';

export const containerKill = {
  kind: 'container-kill',
  lasting: false,
  reversible: true,
  summary: 'ends a container inside its pod; the pod stays and its kubelet starts the container again',
  params: z.strictObject({ ...countParam }),
} satisfies FaultKind;
