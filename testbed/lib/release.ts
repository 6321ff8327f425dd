import { z } from 'zod';
import { readText, type WatchedFile, watchFile, writeAtomically } from './files.ts';
import { paths } from './testbed.ts';

/** Which version each gateway runs, as the control loop wrote it down. */
const releaseSchema = z.object({
  /** The version that has to prove itself; null: none. */
  candidate: z.string().nullable(),
  gateways: z.record(z.string(), z.object({ version: z.string(), admitted: z.boolean() })),
});

export type Release = z.output<typeof releaseSchema>;

/** Of every gateway, until something else is deployed. */
export const firstVersion = 'v1';

const nothing: Release = { candidate: null, gateways: {} };

export function readRelease(dir: string): Release {
  return parse(readText(paths(dir).release));
}

export function liveRelease(dir: string): WatchedFile<Release> {
  return watchFile(paths(dir).release, parse, 100);
}

export function writeRelease(dir: string, release: Release): void {
  writeAtomically(paths(dir).release, `${JSON.stringify(release, null, 2)}\n`);
}

export function versionOf({ gateways }: Release, name: string): string {
  return gateways[name]?.version ?? firstVersion;
}

function parse(text: string | undefined): Release {
  return text === undefined ? nothing : releaseSchema.parse(JSON.parse(text));
}
