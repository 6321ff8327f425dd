import { NEEDS } from './drill-switches.ts';
import type { Shorter } from './shorten.ts';

export interface AskedDrill {
  readonly shorter: Shorter;
  /** Settings of the testbed, in place of those that the drill needs as it is shipped. */
  readonly needs?: readonly string[];
}

/** Between two rounds of the control loop in production. */
export const PERIOD_MS = 30_000;

/** Of the testbed, as for the drills as they are shipped: what is counted has to be read before the first try to repair it. */
export const ROUNDS = 'control-period-ms=2000';
/** Three tries, the look whether they helped, and the escalation. */
const TRIES_MS = 12_000;

/** The drills whose probes ask the control loop, with shorter times; what they need in place of what they need as they are shipped. */
export const askedInShort: Readonly<Record<string, AskedDrill>> = {
  'control-plane': { shorter: { restMs: 12_000, lastsMs: 10_000 } },
  // Three tries, a start, 5 s of health, and the next fault.
  'counter-reset': { shorter: { restMs: 22_000, lastsMs: TRIES_MS } },
  // Who does not answer for 5 s is down.
  dependencies: { shorter: { faultMs: 10_000, restMs: 4_000 } },
  escalation: {
    shorter: { restMs: 28_000, lastsMs: TRIES_MS },
    needs: ['restart-fails=producer', 'restart-by-hand-after-ms=10000'],
  },
  // Of some hundred answers in half a window a tenth fails: with fewer, chance alone would be further off.
  forecast: { shorter: { vars: { spike: { RATE: '200', DURATION: '30s' } } } },
  // Three health checks in a row.
  'kill-switch': { shorter: { faultMs: 15_000, restMs: 4_000, lastsMs: 12_000 } },
  // Fewer than 20 answers in a round tell nothing about a share.
  objectives: { shorter: { faultMs: 8_000, restMs: 4_000, vars: { spike: { RATE: '120' } } } },
  saturation: {
    shorter: { faultMs: 8_000, restMs: 4_000, vars: { spike: { RATE: '95' } } },
  },
  // One more round, at its real time. Three of them take too long.
  'control-loop': {
    shorter: {
      lastsMs: PERIOD_MS + 2_000,
      unasked: ['rounds'],
      vars: { spike: { DURATION: '36s', RATE: '20' } },
    },
  },
};

export const needsInShort = (name: string): readonly string[] =>
  askedInShort[name]?.needs ?? NEEDS[name] ?? [];
