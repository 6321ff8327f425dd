import { z } from 'zod';

/** Kinds that hit processes hit the whole tree of each: children serve on when only their parent is gone. */
export const treeParam = {
  only: z
    .literal('parent')
    .optional()
    .describe('hit the process of the pid file alone; left out: with its descendants'),
};

/** How many of a component's replicas are hit; one unless the drill says otherwise. Shared by kinds that hit replicas. */
export const countParam = {
  count: z.int().min(1).default(1).describe('how many replicas to hit'),
  lastHealthy: z.boolean().default(false).describe('allow hitting the last healthy replica'),
};
