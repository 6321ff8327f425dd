import type { RedisLogin } from './redis-client.ts';

/** What to do about a server that is there and does not let squall in; undefined for any other problem. */
export function wayIn(problem: string | undefined, login: RedisLogin): string | undefined {
  return problem === undefined ? undefined : WAYS.find(([refusal]) => refusal.test(problem))?.[1](login);
}

/** The first sentence: in protected mode, Redis answers with a page of advice. */
export function problemOf(error: unknown): string {
  return (error as Error).message.split(/(?<=\.) /, 1)[0] ?? '';
}

const WAYS: readonly (readonly [RegExp, (login: RedisLogin) => string])[] = [
  [/^NOAUTH/, (login) => `add ${login}: { password: "\${env:NAME}" } to \`redis\` in the environment`],
  [/^WRONGPASS/, (login) => `correct the username or the password of \`${login}\` in the environment`],
  [
    /^ERR (AUTH <password> called without|Client sent AUTH)/,
    (login) =>
      `remove \`${login}\` from the environment, or name its user there: the default one has no password`,
  ],
  [/^NOPERM/, (login) => `give the user of \`${login}\` these rights: ${RIGHTS[login]}`],
  [
    /^DENIED/,
    () =>
      'give its default user a password (requirepass), or set protected-mode no: it answers loopback only',
  ],
  [
    /Socket closed unexpectedly|ECONNRESET/,
    () =>
      'if it takes TLS only, let it listen on a plain port of this machine, too: squall speaks no TLS with Redis',
  ],
];

/** What squall asks, as ACL SETUSER takes it. */
export const RIGHTS: Readonly<Record<RedisLogin, string>> = {
  auth: '+info +client|list +acl|cat +set ~squall:*',
  sentinelAuth: '+sentinel',
};
