import type { ObjectiveSet } from './objective.ts';

export const mostInUse = 0.8;

/** The machine that the gateway runs on keeps a fifth of everything: no reading at 80 % or more, over the whole time. */
const saturation: ObjectiveSet = ['cpu', 'memory', 'disk'].map((of) => ({
  name: `saturation.${of}`,
  counter: 'host_saturated',
  where: { of },
  equals: 0,
  open: 'host_unseen',
}));

export default saturation;
