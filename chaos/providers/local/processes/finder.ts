import { z } from 'zod';
import type { ProcessIdentity } from '../../../process-identity.ts';

/**
 * How a process is known: by one of `pidFile`, `port`, `command`, `systemd`, `supervisor` and `docker`, which the schema of the component
 * sees to. Flat, because a target's identity carries it: whoever looks for the successor of a process that was killed asks the same way.
 */
export const finder = z.object({
  pidFile: z.string().min(1).optional(),
  port: z.int().optional(),
  command: z.string().optional(),
  systemd: z.string().optional(),
  manager: z.enum(['system', 'user']).optional(),
  supervisor: z.string().optional(),
  docker: z.string().optional(),
  server: z.string().optional(),
  is: z.string().optional(),
});
export type Finder = z.output<typeof finder>;

/** The process, or why there is none now, in words: it may come (back). */
export type Found = { readonly process: ProcessIdentity } | { readonly missing: string };

/** In words, e.g. `command /node server/`. */
export function finderText({ pidFile, port, command, systemd, manager, supervisor, docker }: Finder): string {
  if (port !== undefined) return `port ${port}`;
  if (command !== undefined) return `command /${command}/`;
  if (systemd !== undefined) return `systemd ${manager === 'user' ? 'user ' : ''}unit ${systemd}`;
  if (supervisor !== undefined) return `supervisor program ${supervisor}`;
  if (docker !== undefined) return `docker container ${docker}`;
  return pidFile ?? 'nothing';
}

/**
 * Between two looks for a successor: reading a pid file takes microseconds, a look at all processes some milliseconds, and a question to
 * another program tens of them.
 */
export function lookEveryMs({ pidFile, port, command }: Finder): number {
  if (pidFile !== undefined) return 0;
  return port !== undefined || command !== undefined ? 20 : 100;
}
