import type { ObjectiveSet } from './objective.ts';

export const mostInUse = 0.8;

/** The gateway's machine keeps a fifth of everything free: no reading at 80 % or more, at any time; `peak-cpu`: over no 10 s. */
const saturation: ObjectiveSet = ['cpu', 'memory', 'disk', 'peak-cpu'].map((of) => ({
  name: `saturation.${of}`,
  counter: 'host_saturated',
  where: { of },
  equals: 0,
  open: 'host_unseen',
}));

export default saturation;
