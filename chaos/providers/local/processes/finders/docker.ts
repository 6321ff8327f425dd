import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { ProviderError } from '../../../../prepared-fault.ts';
import { identify } from '../../../../process-identity.ts';
import { pause } from '../../../../wait-until.ts';
import type { Found } from '../finder.ts';
import { beganAt } from '../process-facts.ts';
import { type Answer, askServer, whyNot } from './ask-server.ts';

const inspected = z.object({
  Id: z.string().min(12),
  State: z.object({
    Status: z.string(),
    Pid: z.int(),
    StartedAt: z.string().optional(),
    Paused: z.boolean().optional(),
  }),
});
/** Docker goes on to name the process of a container for a moment after it has died. */
const DEATH_NOTICED_MS = 500;
const listed = z.array(z.object({ Names: z.array(z.string()).default([]) }));

/** The first process of a container, asked from Docker's API, which Podman answers as well. @throws ProviderError when it cannot be asked */
export async function findInDocker(
  { container, server = serverHere() }: { readonly container: string; readonly server?: string | undefined },
  signal: AbortSignal,
): Promise<Found> {
  const found = await look(server, container, signal);
  if (!('elsewhere' in found)) return found;
  await pause(DEATH_NOTICED_MS, signal);
  const later = await look(server, container, signal);
  if (!('elsewhere' in later)) return later;
  throw new ProviderError(
    `the process of container ${container} (pid ${later.elsewhere} there) is not on this machine`,
    {
      fix: 'run squall where the container runs, outside of other containers and of virtual machines',
    },
  );
}

async function look(
  server: string,
  container: string,
  signal: AbortSignal,
): Promise<Found | { readonly elsewhere: number }> {
  const answer = await ask(server, `/containers/${encodeURIComponent(container)}/json`, signal);
  if (answer.status === 404) {
    const others = listed.safeParse(parse((await ask(server, '/containers/json', signal)).text)).data ?? [];
    const names = others.flatMap(({ Names }) => Names[0]?.replace(/^\//, '') ?? []);
    return { missing: `docker has no container ${container}; running: ${names.join(', ') || 'none'}` };
  }
  const { data } = inspected.safeParse(parse(answer.text));
  if (answer.status !== 200 || data === undefined) {
    throw cannotAsk(server, `it answers with the status ${answer.status}`);
  }
  const { Status: status, Pid: pid, StartedAt: began, Paused: isPaused } = data.State;
  const process = identify(pid);
  if (pid > 0 && (process === null || !isOf(pid, data.Id, began))) return { elsewhere: pid };
  if (process === null) return { missing: `container ${container} is ${status}` };
  if (isPaused === true) return { missing: `container ${container} is paused` };
  return { process };
}

/** In a virtual machine, or seen from another container, pids are others: they must not be taken for ours. */
function isOf(pid: number, id: string, began: string | undefined): boolean {
  if (textOf(`/proc/${pid}/cgroup`).includes(id)) return true;
  return beganAt(pid, Date.parse(began ?? ''));
}

async function ask(server: string, path: string, signal: AbortSignal): Promise<Answer> {
  return await askServer({ server, method: 'GET', path }, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    throw cannotAsk(server, whyNot(error));
  });
}

/** Where Docker's own command line looks, then the sockets of Podman and of rootless set-ups. @throws ProviderError */
function serverHere(): string {
  const { DOCKER_HOST: host, XDG_RUNTIME_DIR: runtime } = process.env;
  if (host?.startsWith('unix://')) return host;
  if (host) {
    throw new ProviderError(`DOCKER_HOST is ${host}, which is not a socket of this machine`, {
      fix: 'run squall where the containers run, or say `server: unix:///var/run/docker.sock`',
    });
  }
  const own = runtime === undefined ? [] : [`${runtime}/docker.sock`, `${runtime}/podman/podman.sock`];
  const sockets = ['/var/run/docker.sock', ...own, '/run/podman/podman.sock'];
  return `unix://${sockets.find((file) => existsSync(file)) ?? sockets[0]}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function cannotAsk(server: string, why: string): ProviderError {
  return new ProviderError(`Docker at ${server} cannot be asked: ${why}`, {
    fix: 'start it, or say where its socket is: `server: unix:///var/run/docker.sock` beside `docker`',
  });
}
