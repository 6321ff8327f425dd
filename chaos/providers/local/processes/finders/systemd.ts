import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ProviderError } from '../../../../prepared-fault.ts';
import { identify } from '../../../../process-identity.ts';
import type { Found } from '../finder.ts';

const ASKED = ['LoadState', 'ActiveState', 'SubState', 'MainPID'];
const TIMEOUT_MS = 5_000;

/** The main process of a systemd service, as `systemctl show` says. @throws ProviderError when systemd cannot be asked */
export async function findInSystemd(
  { unit, manager = 'system' }: { readonly unit: string; readonly manager?: 'system' | 'user' | undefined },
  signal: AbortSignal,
): Promise<Found> {
  const args = [`--${manager}`, '--no-pager', 'show', `--property=${ASKED.join(',')}`, '--', unit];
  const shown = await promisify(execFile)('systemctl', args, { signal, timeout: TIMEOUT_MS }).catch(
    (cause: Error) => {
      signal.throwIfAborted();
      throw cannotAsk(unit, cause);
    },
  );
  const facts = new Map(
    shown.stdout.split('\n').map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1).trim()] as const;
    }),
  );
  const state = `${facts.get('ActiveState')} (${facts.get('SubState')})`;
  if (facts.get('LoadState') === 'not-found') return { missing: `systemd has no unit ${unit}` };
  const pid = facts.get('MainPID');
  if (pid === undefined) {
    throw new ProviderError(`systemd unit ${unit} has no process of its own`, { fix: 'name a service' });
  }
  const process = identify(Number(pid));
  return process === null
    ? { missing: `systemd unit ${unit} is ${state}, without a main process` }
    : { process };
}

function cannotAsk(unit: string, cause: Error & { code?: unknown; stderr?: string }): ProviderError {
  const reason =
    cause.code === 'ENOENT'
      ? 'there is no systemctl here'
      : (cause.stderr?.trim() || cause.message).slice(0, 300);
  return new ProviderError(`systemd cannot be asked about ${unit}: ${reason}`, {
    cause,
    fix: 'name the process by its `pidFile`, `port` or `command`; a unit of your own user has `manager: user`',
  });
}
