import { existsSync } from 'node:fs';
import path from 'node:path';
import { RefusalError } from '../refusal.ts';
import type { ListenerView } from './types.ts';

const DOCUMENTS = ['openapi.yaml', 'openapi.yml', 'openapi.json', 'swagger.yaml', 'swagger.json'];
const COMPOSE = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];
/** Shells, databases and desktops, which nobody means by "my web service". */
const NOT_MEANT =
  /^(sshd|systemd|systemd-resolve|cupsd|postgres|mysqld|mariadbd|mongod|redis-server|memcached|code|chrome|k6|squall)/;

/**
 * What `squall init` without an argument is about: a compose file or an OpenAPI document in the working directory, else the only process
 * that listens. Nobody is asked over the network to find that out: some services take a strange request for an attack.
 * @throws RefusalError that lists what there is to choose from
 */
export function findSource(cwd: string, listeners: readonly ListenerView[]): string {
  const files = [COMPOSE, DOCUMENTS].flatMap((names) => {
    const found = names.find((name) => existsSync(path.join(cwd, name)));
    return found === undefined ? [] : [found];
  });
  const [file] = files;
  if (files.length === 1 && file !== undefined) return file;
  const meant = listeners.filter(({ process: found }) => found?.mayHit && !NOT_MEANT.test(found.program));
  const [only] = meant;
  if (files.length === 0 && meant.length === 1 && only !== undefined) return `http://127.0.0.1:${only.port}`;
  const choices = [
    ...files.map((one) => `squall init ${one}`),
    ...meant.slice(0, 20).map(({ port, process: found }) => {
      return `squall init http://127.0.0.1:${port}    # ${found?.command.join(' ').slice(0, 80)} (pid ${found?.pid})`;
    }),
  ];
  if (choices.length === 0)
    throw new RefusalError(
      'init: nothing was found: no compose file, no OpenAPI document, nobody who listens',
      {
        fix: 'start the system and give its URL, or name a file: squall init http://127.0.0.1:8080',
      },
    );
  throw new RefusalError('init: there is more than one thing that it could be about', {
    fix: `say which:\n    ${choices.join('\n    ')}`,
  });
}
