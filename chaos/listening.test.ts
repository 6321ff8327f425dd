import { expect, test } from 'vitest';
import { listenTrouble } from './listening.ts';

const failed = (code: string) => Object.assign(new Error(`listen ${code}`), { code });

test('a port that is taken, and one that takes more rights, each have a way out', () => {
  expect(listenTrouble(failed('EADDRINUSE'), 9001)).toMatchObject({
    kind: 'taken',
    fix: expect.stringContaining("ss -ltnp 'sport = :9001'"),
  });
  // Whatever this machine says of low ports, none is below 0.
  expect(listenTrouble(failed('EACCES'), -1)).toMatchObject({
    kind: 'forbidden',
    why: expect.stringMatching(/^this user may not listen on ports below \d+$/),
    fix: expect.stringMatching(/choose a port from \d+ on.*ip_unprivileged_port_start.*cap_net_bind_service/),
  });
  expect(listenTrouble(failed('EACCES'), 65_535)).toMatchObject({ fix: 'choose another port' });
});

test('an address that this machine does not have is neither', () => {
  expect(listenTrouble(failed('EADDRNOTAVAIL'), 80)).toBeNull();
});
