import { z } from 'zod';

/** How many of a component's replicas are hit; one unless the drill says otherwise. Shared by kinds that hit replicas. */
export const countParam = {
  count: z.int().min(1).default(1).describe('how many replicas to hit'),
  lastHealthy: z.boolean().default(false).describe('allow hitting the last healthy replica'),
};
