import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { HIDDEN } from '../../chaos/secret-texts.ts';
import { fromUrl } from './sources/url.ts';
import { startOf } from './start.ts';

const cwd = '/srv/shop';

function startOfProcess(command: readonly string[], { isKilled = false } = {}): string | null {
  const found = {
    ...{ pid: 4195, program: 'shop', command, directory: cwd },
    ...{ user: 'me', mayHit: true, supervisor: null },
  };
  return startOf(fromUrl('http://127.0.0.1:8000'), [{ port: 8000, process: found }], cwd, { isKilled });
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

test('neither an address nor a command line is run by the shell or by GitHub', () => {
  const found = {
    ...{ pid: 4195, program: 'shop', command: ['/srv/shop/shop'], directory: cwd },
    ...{ user: 'me', mayHit: true, supervisor: null },
  };
  const source = { ...fromUrl('http://127.0.0.1:8000'), baseUrl: "http://127.0.0.1:8000/$(id)';id;'" };
  const step = startOf(source, [{ port: 8000, process: found }], cwd) ?? '';
  const { stdout } = spawnSync('sh', ['-c', step.replace(/^.* & timeout 60 sh -c /, 'printf %s ')], {
    encoding: 'utf8',
  });
  const asked = stdout.replace(/^until curl -so \/dev\/null (.*); do sleep 1; done$/, 'printf %s $1');
  expect(spawnSync('sh', ['-c', asked], { encoding: 'utf8' }).stdout).toBe(source.baseUrl);
  expect(startOfProcess(['/srv/shop/shop', '--name', '$' + '{{ secrets.TOKEN }}'])).toBeNull();
});

test('a command line that is whole starts the system', () => {
  expect(startOfProcess(['/usr/bin/node', '/srv/shop/index.js', '--port', '8000'])).toContain(
    'nohup node index.js --port 8000 >',
  );
});

test('what the drill kills is started again: nothing in a pipeline would do so', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'squall-start-'));
  const step = startOfProcess(['sh', '-c', "echo 'it is up' >> starts"], { isKilled: true }) ?? '';
  const [, background = ''] = /^nohup (.*) > \/dev\/null 2>&1 & timeout /.exec(step) ?? [];
  const loop = spawn('sh', ['-c', `exec ${background}`], { cwd: folder, detached: true, stdio: 'ignore' });
  try {
    const starts = () => {
      try {
        return readFileSync(path.join(folder, 'starts'), 'utf8');
      } catch {
        return '';
      }
    };
    await expect.poll(starts, { timeout: 10_000 }).toContain('it is up\nit is up\n');
  } finally {
    if (loop.pid !== undefined) process.kill(-loop.pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
});
