import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { samePort } from '../../../../fields/host-port.ts';
import { isAlive } from '../../../../process-identity.ts';
import { stateDirectory } from '../../../../state-directory.ts';
import { processIdentity } from '../../processes/process-facts.ts';

const undoRecord = z.object({
  id: z.string(),
  provider: z.string(),
  fault: z.string(),
  action: z.string(),
  data: z.record(z.string(), z.unknown()),
  describe: z.string(),
  command: z.string(),
});

/** A link that is kept open outside drills, as its keeper notes it: who keeps it, and how to talk to the keeper. */
const keptLink = z.object({
  keeper: processIdentity,
  port: z.int().min(1).max(65_535),
  token: z.uuid(),
  listen: z.string(),
  upstream: z.string(),
  announce: z.string().optional(),
  address: z.string(),
  /** What is to be undone when the keeper died: the file that announces the link. */
  undo: z.array(undoRecord),
});
export type KeptLink = z.output<typeof keptLink>;

export interface LinkPlace {
  readonly listen: string;
  readonly upstream: string;
  readonly announce?: string | undefined;
}

export function placeOf({ listen, upstream, announce }: LinkPlace): LinkPlace {
  return { listen, upstream, ...(announce !== undefined && { announce }) };
}

/** The entry of a link, with whether its keeper lives. Undefined when nobody has kept it. */
export function keptAt(place: LinkPlace): (KeptLink & { readonly isKept: boolean }) | undefined {
  try {
    const entry = keptLink.parse(JSON.parse(readFileSync(fileOf(place), 'utf8')));
    return { ...entry, isKept: isAlive(entry.keeper) };
  } catch {
    return undefined; // Not there, or of another version: whoever listens will show by the port.
  }
}

/** Is a link kept open at this address? */
export function isKeptAt(address: string): boolean {
  return keptAt({ listen: address, upstream: '' })?.isKept === true;
}

/** Only its user may read it: the token in it lets faults in. */
export function noteKept(place: LinkPlace, entry: KeptLink): void {
  const file = fileOf(place);
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(entry), { mode: 0o600, flush: true });
  renameSync(draft, file);
}

export function forgetKept(place: LinkPlace, keeper: KeptLink['keeper']): void {
  const entry = keptAt(place);
  if (entry?.keeper.pid === keeper.pid && entry.keeper.start === keeper.start) {
    rmSync(fileOf(place), { force: true });
  }
}

/** A link is the same if it listens at the same address; with port 0, if it is announced in the same file. */
function fileOf({ listen, announce }: LinkPlace): string {
  const which = listen.endsWith(':0') ? `announced ${announce}` : samePort(listen);
  const name = createHash('sha256').update(which).digest('hex').slice(0, 24);
  return path.join(stateDirectory(), 'links', `${name}.json`);
}
