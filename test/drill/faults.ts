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

/** A drill whose fault lasts long enough for something else to happen in the middle. */
export const longFreeze = {
  faults: [{ ...shortFaults.freeze, for: '20s' }],
  load: [{ script: 'script.js', vars: { DURATION: '40s' } }],
};
