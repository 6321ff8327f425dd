/** One short fault of each kind that the tiny target can take, as written in a drill. */
export const shortFaults = {
  kill: { name: 'killed', kind: 'kill', component: 'server', at: '2500ms', params: { lastHealthy: true } },
  freeze: {
    name: 'frozen',
    kind: 'freeze',
    component: 'server',
    at: '2500ms',
    for: '700ms',
    params: { lastHealthy: true },
  },
  blackhole: {
    name: 'cut',
    kind: 'partition',
    component: 'link',
    at: '2500ms',
    for: '700ms',
    params: { mode: 'blackhole' },
  },
  reset: {
    name: 'reset',
    kind: 'partition',
    component: 'link',
    at: '2500ms',
    for: '700ms',
    params: { mode: 'reset' },
  },
  refuse: {
    name: 'refused',
    kind: 'partition',
    component: 'link',
    at: '2500ms',
    for: '700ms',
    params: { mode: 'refuse' },
  },
  latency: {
    name: 'slow',
    kind: 'latency',
    component: 'link',
    at: '2500ms',
    for: '700ms',
    params: { delay: '60ms' },
  },
  stress: {
    name: 'busy',
    kind: 'stress',
    component: 'server',
    at: '2500ms',
    for: '1200ms',
    params: { cpu: { workers: 1, load: 40 } },
  },
} as const;

export type ShortFault = keyof typeof shortFaults;
export const everyShortFault = Object.keys(shortFaults) as ShortFault[];

const FIRST_MS = 2_500;

/**
 * One of each kind, one after the other in a single drill, and how long its load goes on: as long after the last as between two. The kill
 * comes last, because a fault looks for its target 1.5 s before it goes in, and there is none until the server has been restarted.
 */
export function eachShortFault(everyMs: number) {
  const kinds = [...everyShortFault.filter((kind) => kind !== 'kill'), 'kill'] as const;
  const faults = kinds.map((kind, i) => ({ ...shortFaults[kind], at: `${FIRST_MS + i * everyMs}ms` }));
  const vars = { DURATION: `${FIRST_MS + faults.length * everyMs}ms` };
  return { faults, load: [{ script: 'script.js', vars }] };
}

/** A drill whose fault lasts long enough for something else to happen in the middle. */
export const longFreeze = {
  faults: [{ ...shortFaults.freeze, for: '20s' }],
  load: [{ script: 'script.js', vars: { DURATION: '40s' } }],
};
