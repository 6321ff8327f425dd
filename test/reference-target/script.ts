import type { ScriptedWindow } from './reference-target.ts';

/** A scripted day: one fault after the other, with enough time between them for a sustained recovery. */
export const FULL_SCRIPT: readonly ScriptedWindow[] = [
  { name: 'short-errors', mode: 'error', from: 2500, to: 2550 },
  { name: 'resets', mode: 'reset', from: 4200, to: 4320 },
  { name: 'refused', mode: 'refuse', from: 6000, to: 6400 },
  { name: 'stalled', mode: 'stall', from: 8000, to: 8500 },
  { name: 'hanging', mode: 'blackhole', from: 10_200, to: 10_900 },
  { name: 'one-of-three', mode: 'error', from: 13_000, to: 13_600, every: 3 },
  { name: 'flapping', mode: 'error', from: 15_500, to: 15_600 },
  { name: 'flapping', mode: 'error', from: 15_800, to: 15_900 },
  { name: 'flapping', mode: 'error', from: 16_150, to: 16_250 },
  { name: 'twice', mode: 'error', from: 18_000, to: 18_200 },
  { name: 'twice', mode: 'error', from: 19_700, to: 19_900 },
  // Slower and slower, so that a phase cut at the wrong place has different percentiles.
  { name: 'slowing', mode: 'delay', delayMs: 20, delayToMs: 60, from: 22_000, to: 24_500 },
];
export const FULL_SCRIPT_MS = 26_000;

/** Outages that take too long for everyday tests; the simulated ones in judge.test.ts are as long. */
export const LONG_SCRIPT: readonly ScriptedWindow[] = [
  { name: 'errors', mode: 'error', from: 2500, to: 4500 },
  { name: 'refused', mode: 'refuse', from: 7000, to: 12_000 },
  { name: 'hanging', mode: 'blackhole', from: 15_000, to: 35_000 },
  { name: 'stalled', mode: 'stall', from: 38_000, to: 40_000 },
  { name: 'failing', mode: 'error', from: 43_000, to: 63_000 },
];
export const LONG_SCRIPT_MS = 65_500;
