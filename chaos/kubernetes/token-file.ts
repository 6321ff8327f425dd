import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { KubeConfig, User } from '@kubernetes/client-node';
import { refuse } from './errors.ts';

const NAME = 'squall-token-file';

/** The users of a kubeconfig, with `tokenFile`, which the client overlooks. It comes before what else a user has, as with kubectl. */
export function withTokenFiles(users: readonly User[], content: unknown, directory: string): User[] {
  const given = (content as { users?: { name: string; user?: { tokenFile?: string } }[] }).users ?? [];
  return users.map((user) => {
    const tokenFile = given.find(({ name }) => name === user.name)?.user?.tokenFile;
    if (!tokenFile) return user;
    const authProvider = { name: NAME, config: { path: resolve(directory, tokenFile) } };
    return { ...user, token: '', exec: undefined, authProvider };
  });
}

/**
 * Reads the file for each request, for tokens in files are renewed. Not the client's own way, which is for service accounts: it sends
 * a line's end along, with which no request goes out.
 */
export const tokenFiles: Parameters<KubeConfig['addAuthenticator']>[0] = {
  isAuthProvider: (user) => user.authProvider?.name === NAME,
  async applyAuthentication(user, options) {
    const token = await readFile(user.authProvider.config.path, 'utf8').catch((cause: Error) => {
      throw refuse(
        `the kubeconfig's tokenFile cannot be read: ${cause.message}`,
        'log in again, or correct the path',
      );
    });
    options.headers = { ...options.headers, Authorization: `Bearer ${token.trim()}` };
  },
};
