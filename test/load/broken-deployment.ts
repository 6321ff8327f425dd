import type { Sabotage } from './http-target.ts';

/** A change of versions that the target in the test's own process makes up: which version gives the nth answer. */
export interface MadeUpDeployment {
  readonly title: string;
  readonly sabotage: Sabotage;
  readonly vars: Readonly<Record<string, string | number>>;
  /** Of the objectives that begin so, exactly `red` are missed, and the others kept. */
  readonly about: string;
  readonly red: readonly string[];
}

/** About 105 requests a second, of which 100 are compared. */
const canary = { CANARY_FOR: '3s', COMPARE_RATE: 100 };
/** About 55 requests a second. */
const postDeploy = { POST_DEPLOY_FOR: '2s' };
const rollback = { ROLLBACK_WITHIN: '1200ms', ALONE_FOR: '1s' };

const everyNth = (n: number): Sabotage => ({ version: ({ nth }) => (nth % n === 0 ? 'new' : 'old') });
/** Blue and green in turn from one answer to another, then only one of them. */
const until = (nth: number, last: 'new' | 'old') => {
  return (request: { readonly nth: number }) =>
    request.nth > nth ? last : request.nth < 20 || request.nth % 2 === 0 ? 'old' : 'new';
};

export const madeUpDeployments: readonly MadeUpDeployment[] = [
  {
    title: 'one answer in 10 by the canary',
    sabotage: everyNth(10),
    vars: canary,
    about: 'canary.share.',
    red: [],
  },
  {
    title: 'one answer in 4 by the canary',
    sabotage: everyNth(4),
    vars: canary,
    about: 'canary.share.',
    red: ['canary.share.most'],
  },
  {
    title: 'one answer in 25 by the canary',
    sabotage: everyNth(25),
    vars: canary,
    about: 'canary.share.',
    red: ['canary.share.least'],
  },
  {
    title: 'a new version that is well',
    sabotage: { version: until(60, 'new') },
    vars: postDeploy,
    about: 'post-deploy.',
    red: [],
  },
  {
    title: 'a new version that fails and is slow once it is alone',
    sabotage: {
      version: until(60, 'new'),
      status: ({ nth }) => (nth > 80 && nth % 10 === 0 ? 500 : null),
      delayMs: ({ nth }) => (nth > 80 && nth % 5 === 1 ? 150 : 0),
    },
    vars: postDeploy,
    about: 'post-deploy.',
    red: ['post-deploy.errors', 'post-deploy.latency.p95'],
  },
  {
    title: 'a bad version that is rolled back',
    sabotage: {
      version: until(60, 'old'),
      status: ({ nth }) => (nth > 20 && nth <= 60 && nth % 10 === 1 ? 500 : null),
    },
    vars: rollback,
    about: 'automatic-rollback.',
    red: [],
  },
  {
    title: 'a bad version that is rolled back late, and failures after that',
    sabotage: { version: until(130, 'old'), status: ({ nth }) => (nth > 140 && nth % 10 === 0 ? 500 : null) },
    vars: rollback,
    about: 'automatic-rollback.',
    red: ['automatic-rollback.failed-after', 'automatic-rollback.late'],
  },
];
