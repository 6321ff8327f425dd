/** In a module of its own, so that one lazy import gets both whichever way they were packed. */
export { dereference } from '@readme/openapi-parser';
export { sample } from 'openapi-sampler';
