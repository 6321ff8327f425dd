import { closeSync, fstatSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import { readFile, utimes } from 'node:fs/promises';
import os from 'node:os';
import { z } from 'zod';
import { sleep } from '../clock.ts';

/** Whoever holds a file renews its time this often. */
const RENEW_MS = 2_000;
/** A holder elsewhere that has not done so for this long is taken for dead. */
const SILENCE_MS = 15_000;
const LOOK_MS = 500;

/**
 * Where the pids that this process writes down mean something: a state directory may be on a volume that several containers or machines
 * share, and there a process that is not to be seen may be alive.
 */
export function ownPlace(): string {
  return `${os.hostname()} ${pidNamespace()}`;
}

/** Of what says where it is held. An older squall says nothing, and knows one machine only. */
export function isElsewhere(place: string | undefined): boolean {
  return place !== undefined && place !== ownPlace();
}

/** For people: ` on <host>`, or nothing where the pid is one of this machine. */
export function onHost(place: string | undefined): string {
  return place !== undefined && isElsewhere(place) ? ` on ${place.split(' ')[0]}` : '';
}

/**
 * Watches a file that somebody elsewhere holds. Times are compared with each other only, never with a clock of this machine.
 * @returns what is in it, if its holder gives no sign of life; null if it does, or nobody elsewhere holds it
 */
export async function silentElsewhere(file: string, silenceMs = SILENCE_MS): Promise<string | null> {
  const first = look(file);
  if (first === null || !isElsewhere(placeIn(first.text))) return null;
  for (let watchedMs = 0; watchedMs < silenceMs; watchedMs += LOOK_MS) {
    await sleep(LOOK_MS);
    const next = look(file);
    if (next?.text !== first.text || next.renewed !== first.renewed) return null;
  }
  return first.text;
}

/**
 * Shows others, who cannot see this process, that it lives. Ends with the file, or when that is no longer this process's. On a slow volume
 * it must not hold up what is measured.
 */
export function keepRenewing(file: string, isOwn: (text: string) => boolean): () => void {
  let isBusy = false;
  const timer = setInterval(() => void renew(), RENEW_MS).unref();
  const stop = () => clearInterval(timer);
  return stop;

  async function renew(): Promise<void> {
    if (isBusy) return;
    isBusy = true;
    try {
      if (!isOwn(await readFile(file, 'utf8'))) return stop();
      const now = new Date();
      await utimes(file, now, now);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') stop();
    } finally {
      isBusy = false;
    }
  }
}

/** Opened each time, so that a network file system asks its server. */
function look(file: string): { readonly text: string; readonly renewed: number } | null {
  try {
    const open = openSync(file, 'r');
    try {
      return { text: readFileSync(open, 'utf8'), renewed: fstatSync(open).mtimeMs };
    } finally {
      closeSync(open);
    }
  } catch {
    return null;
  }
}

function placeIn(text: string): string | undefined {
  try {
    return held.safeParse(JSON.parse(text)).data?.place;
  } catch {
    return undefined;
  }
}

const held = z.object({ place: z.string().optional() });

/** Each container has its own; the machine itself always the same, also after it was started anew. Empty where there are none. */
function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}
