import type { ObjectiveSet } from './objective.ts';

/** By chance, a tenth of fewer requests would often be outside of these bounds. */
const minSamples = 2_000;

/** A canary gets a tenth of the load over its window: much less shows too little, much more risks too much. */
const canaryShare: ObjectiveSet = [
  { name: 'canary.share.least', rate: 'canary_share', atLeast: '8%', phase: 'all', minSamples },
  { name: 'canary.share.most', rate: 'canary_share', below: '12%', phase: 'all', minSamples },
];

export default canaryShare;
