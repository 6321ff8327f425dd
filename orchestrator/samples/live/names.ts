import type { TagSet } from '../recording/tag-sets.ts';

/** Collects what the requests of a load are called. */
export interface NamesSeen {
  request(tags: TagSet): void;
  /** Null: too many. Where each URL is a name of its own, a list of them helps nobody. */
  readonly names: readonly string[] | null;
}

const MOST = 100;

export function collectNames(): NamesSeen {
  const names = new Set<string>();
  return {
    request({ tags: { name } }) {
      if (name !== undefined && names.size <= MOST) names.add(name);
    },
    get names() {
      return names.size > MOST ? null : [...names];
    },
  };
}
