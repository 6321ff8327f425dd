import { timingSafeEqual } from 'node:crypto';
import type { Role } from '../lib/tokens.ts';

/**
 * The users of the testbed, with one well-known password that guards nothing but test data on this machine's loopback. A pattern that
 * ends in `*` stands for any name with that beginning, for runs with many users.
 */
const password = 'squall';
const users: readonly { name: string; role: Role }[] = [
  { name: 'user', role: 'user' },
  { name: 'alice', role: 'user' },
  { name: 'bob', role: 'user' },
  { name: 'admin', role: 'admin' },
  { name: 'load-*', role: 'user' },
];

/** The role of the user, or undefined when name or password are wrong. */
export function checkPassword(name: string, givenPassword: string): Role | undefined {
  const user = users.find(
    (u) => u.name === name || (u.name.endsWith('*') && name.startsWith(u.name.slice(0, -1))),
  );
  const expected = Buffer.from(password.padEnd(64));
  const given = Buffer.from(givenPassword.padEnd(64));
  if (user === undefined || given.length !== expected.length) return undefined;
  return timingSafeEqual(expected, given) ? user.role : undefined;
}
