import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { HIDDEN } from '../../chaos/secret-texts.ts';
import { fromUrl } from './sources/url.ts';
import { startOf } from './start.ts';

const cwd = '/srv/shop';

function startOfProcess(command: readonly string[]): string | null {
  const found = {
    ...{ pid: 4195, program: 'shop', command, directory: cwd },
    ...{ user: 'me', mayHit: true, supervisor: null },
  };
  return startOf(fromUrl('http://127.0.0.1:8000'), [{ port: 8000, process: found }], cwd);
}

test.each([
  ['a word that was hidden', ['/srv/shop/shop', `--token=${HIDDEN}`]],
  ['a title of Next.js', ['next-server (v14.2.3)']],
  ['a title of Puma', ['puma 6.4.2 (tcp://0.0.0.0:8000) [shop]']],
  ['a title of Gunicorn', ['gunicorn: master [shop:app]']],
  ['a program that `go run` has made', [path.join(os.tmpdir(), 'go-build12/b001/exe/shop')]],
])('no start is made up from %s', (_, command) => {
  expect(startOfProcess(command)).toBeNull();
});

test('a command line that is whole starts the system', () => {
  expect(startOfProcess(['/usr/bin/node', '/srv/shop/index.js', '--port', '8000'])).toContain(
    'nohup node index.js --port 8000 >',
  );
});
