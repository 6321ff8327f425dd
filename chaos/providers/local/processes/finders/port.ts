import { ProviderError } from '../../../../prepared-fault.ts';
import { commandOf } from '../describe-tree.ts';
import type { Found } from '../finder.ts';
import { readTable } from '../process-table.ts';
import { listeningSocketsOf, socketInodesOf } from '../sockets.ts';
import { onlyRoot } from './several.ts';

/** They hold the port of a container for it: to hit them would cut the container off, not hit what is in it. */
const STAND_INS = /(^|\/)(docker-proxy|rootlessport|rootlesskit|conmon|slirp4netns|pasta)\b/;

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
  const root = onlyRoot(holders, table, `listen on TCP port ${port}`);
  if (root === undefined) throw nobodySeen(port, hidden);
  const command = commandOf(root.pid, 80);
  if (STAND_INS.test(command.split(' ')[0] ?? '')) {
    throw new ProviderError(`port ${port} is held by \`${command}\` for a container`, {
      fix: 'name the container: `docker: <container>`',
    });
  }
  return { process: { pid: root.pid, start: root.start } };
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
