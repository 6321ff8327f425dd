import { ProviderError } from '../../../prepared-fault.ts';
import type { ProcessIdentity } from '../../../process-identity.ts';
import { commandOf, fullCommandOf } from './describe-tree.ts';
import { type Finder, type Found, finderText } from './finder.ts';
import { findByCommand } from './finders/command.ts';
import { findInDocker } from './finders/docker.ts';
import { findByPort } from './finders/port.ts';
import { findInSupervisor } from './finders/supervisor.ts';
import { findInSystemd } from './finders/systemd.ts';
import { lookAtPidFile } from './pid-file.ts';

/**
 * The one live process that a component's finder names. Reads only.
 * @throws ProviderError where waiting does not help: several processes fit, the place cannot be asked, or it is not what `is` says
 */
export async function findProcess(finder: Finder, signal: AbortSignal): Promise<Found> {
  const found = await look(finder, signal);
  if ('process' in found) refuseOther(finder, found.process);
  return found;
}

function look(finder: Finder, signal: AbortSignal): Found | Promise<Found> {
  const { port, command, systemd, manager, supervisor, docker, server } = finder;
  if (port !== undefined) return findByPort(port);
  if (command !== undefined) return findByCommand(command);
  if (systemd !== undefined) return findInSystemd({ unit: systemd, manager }, signal);
  if (supervisor !== undefined) return findInSupervisor({ program: supervisor, server }, signal);
  if (docker !== undefined) return findInDocker({ container: docker, server }, signal);
  return lookAtPidFile(finder.pidFile ?? '');
}

/** A pid file of the wrong program, or a port that somebody else took, must not decide what is hit. */
function refuseOther(finder: Finder, { pid }: ProcessIdentity): void {
  if (finder.is === undefined || new RegExp(finder.is).test(fullCommandOf(pid))) return;
  throw new ProviderError(
    `${finderText(finder)} names pid ${pid}, which is \`${commandOf(pid, 160)}\`, and the environment says that it is /${finder.is}/`,
    { fix: 'correct how the component is found, or `is`, a regular expression for its command line' },
  );
}
