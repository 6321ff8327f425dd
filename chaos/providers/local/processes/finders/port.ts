import path from 'node:path';
import { isManager, isStandIn } from '../../../../port-holders.ts';
import { ProviderError } from '../../../../prepared-fault.ts';
import { commandOf, nameOf } from '../describe-tree.ts';
import type { Found } from '../finder.ts';
import { argumentsOf } from '../process-facts.ts';
import { readTable } from '../process-table.ts';
import { listeningSocketsOf, socketInodesOf } from '../sockets.ts';
import { onlyRoot } from './several.ts';

/** Who listens on this TCP port of this machine. Linux only. @throws ProviderError when that is several, or cannot be told */
export function findByPort(port: number): Found {
  if (process.platform !== 'linux') {
    throw new ProviderError(`who listens on port ${port} can be told on Linux only`, {
      fix: 'name the process by its `pidFile`, or by its `command`',
    });
  }
  const inodes = new Set(
    listeningSocketsOf(process.pid).flatMap(({ local, inode }) => (local.port === port ? [inode] : [])),
  );
  if (inodes.size === 0) return { missing: `nothing listens on TCP port ${port}` };
  const table = readTable();
  let hidden = 0;
  const holders = [...table.values()].filter(({ pid }) => {
    const held = socketInodesOf(pid);
    if (held === null) hidden += 1;
    return pid > 1 && [...(held ?? [])].some((inode) => inodes.has(inode));
  });
  const standIn = holders.find(({ pid }) => isCalled(pid, isStandIn));
  if (standIn !== undefined) {
    throw new ProviderError(`${heldBy(standIn.pid, port)} for a container`, {
      fix: 'name the container: `docker: <container>`',
    });
  }
  const serving = holders.filter(({ pid }) => !isCalled(pid, isManager));
  const [manager] = holders;
  if (serving.length === 0 && manager !== undefined) {
    throw new ProviderError(
      `${heldBy(manager.pid, port)}, which manages others: to hit it would hit all of them`,
      { fix: 'name the worker by its `pidFile`, or by the `systemd` or `supervisor` that starts it' },
    );
  }
  const root = onlyRoot(serving, table, `listen on TCP port ${port}`);
  if (root === undefined) throw nobodySeen(port, hidden);
  return { process: { pid: root.pid, start: root.start } };
}

function heldBy(pid: number, port: number): string {
  return `port ${port} is held by \`${commandOf(pid, 80)}\` (pid ${pid})`;
}

/** By the kernel's name or its own: a script has only the one, a program that another one has started as itself only the other. */
function isCalled(pid: number, isOne: (program: string) => boolean): boolean {
  const [first = ''] = argumentsOf(pid);
  return [nameOf(pid), first, path.basename(first)].some(isOne);
}

function nobodySeen(port: number, hidden: number): ProviderError {
  return hidden > 0
    ? new ProviderError(
        `port ${port} belongs to a process of another user, whose sockets cannot be looked at`,
        {
          fix: 'run squall as the user that the component runs as, or as root',
        },
      )
    : new ProviderError(
        `something listens on port ${port}, and no process here holds that socket: it is in another container, or pid 1 holds it for a unit`,
        { fix: 'name the process by `docker` or `systemd`' },
      );
}
