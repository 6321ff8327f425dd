import os from 'node:os';
import path from 'node:path';

/** Where squall notes what is under way, for each user, so that it is found from any working directory. */
export function stateDirectory(env: NodeJS.ProcessEnv = process.env): string {
  const base =
    env.XDG_STATE_HOME && path.isAbsolute(env.XDG_STATE_HOME)
      ? env.XDG_STATE_HOME
      : path.join(os.homedir(), '.local', 'state');
  return path.join(base, 'squall');
}
