import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface SupervisorServer {
  readonly server: string;
  /** user:password */
  readonly auth?: string | undefined;
}

/** Where supervisorctl looks for its settings. */
const CONFIGURATIONS = [
  'supervisord.conf',
  'etc/supervisord.conf',
  '/etc/supervisord.conf',
  '/etc/supervisor/supervisord.conf',
];
const SOCKETS = ['/run/supervisor.sock', '/var/run/supervisor.sock', '/tmp/supervisor.sock'];

/** The server that is named, else the one that supervisorctl would ask; a password comes from the same settings. */
export function serversOf(named: string | undefined, configurations = CONFIGURATIONS): SupervisorServer {
  const settings = configurations.map(settingsIn);
  if (named !== undefined) {
    return { server: named, auth: settings.find((one) => one?.server === named)?.auth };
  }
  const socket = SOCKETS.find((file) => existsSync(file)) ?? SOCKETS[0];
  return settings.find((one) => one !== undefined) ?? { server: `unix://${socket}` };
}

/** The section [supervisorctl] of an INI file. */
function settingsIn(file: string): SupervisorServer | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const section = /^\[supervisorctl\]\s*$([\s\S]*?)(?=^\[|(?![\s\S]))/m.exec(text)?.[1] ?? '';
  const settingOf = (key: string) =>
    new RegExp(`^${key}\\s*[=:]\\s*(.*?)\\s*(?:\\s;.*)?$`, 'm')
      .exec(section)?.[1]
      ?.replaceAll('%(here)s', path.dirname(path.resolve(file)));
  const server = settingOf('serverurl');
  if (server === undefined) return undefined;
  const user = settingOf('username');
  return { server, ...(user !== undefined && { auth: `${user}:${settingOf('password') ?? ''}` }) };
}
