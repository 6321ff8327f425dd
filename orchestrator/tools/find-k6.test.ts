import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findK6, k6CacheDir, parseK6Version } from './find-k6.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'squall-find-k6-'));
});
afterEach(() => rm(home, { recursive: true }));

/** A stand-in that answers `version` as k6 does: what is tested is the search, not k6. */
async function program(file: string, output: string, mode = 0o755): Promise<string> {
  const at = path.join(home, file);
  await mkdir(path.dirname(at), { recursive: true });
  await writeFile(at, `#!/bin/sh\n[ "$1" = version ] && echo '${output}'\n`, { mode });
  return at;
}

const like = (version: string) => `k6 v${version} (go1.26.8, linux/amd64)`;
const search = (env: NodeJS.ProcessEnv) =>
  findK6({
    env: { ...env, PATH: [env.PATH, '/usr/bin', '/bin'].filter(Boolean).join(':') },
    cacheDir: path.join(home, 'cache'),
  });

test('$K6_BIN wins over the PATH, and the PATH over the cache', async () => {
  const named = await program('named/other-name', like('2.2.0'));
  const installed = await program('bin/k6', like('1.8.1'));
  const cached = await program('cache/1.9.0/k6', like('1.9.0'));
  const bin = path.join(home, 'bin');
  expect(await search({ K6_BIN: named, PATH: bin })).toMatchObject({
    path: named,
    version: '2.2.0',
    major: 2,
    source: 'K6_BIN',
  });
  expect(await search({ PATH: bin })).toMatchObject({
    path: installed,
    version: '1.8.1',
    major: 1,
    source: 'PATH',
  });
  expect(await search({})).toMatchObject({ path: cached, version: '1.9.0', source: 'cache' });
});

test('the newest of several cached versions is taken, by number and not by letter', async () => {
  await program('cache/1.9.0/k6', like('1.9.0'));
  const newest = await program('cache/1.10.0/k6', like('1.10.0'));
  expect(await search({})).toMatchObject({ path: newest });
});

test('a half-filled cache folder is passed over', async () => {
  await mkdir(path.join(home, 'cache/2.0.0'), { recursive: true });
  const whole = await program('cache/1.8.1/k6', like('1.8.1'));
  expect(await search({})).toMatchObject({ path: whole, notes: [expect.stringContaining('2.0.0')] });
});

test('a $K6_BIN that is no k6 is refused, not passed over', async () => {
  await program('cache/1.8.1/k6', like('1.8.1'));
  const message = async (file: string) => ((await search({ K6_BIN: file })) as { message?: string }).message;
  expect(await message(path.join(home, 'nowhere'))).toMatch(/\$K6_BIN: .*nowhere is not an executable file/);
  expect(await message(await program('plain', like('1.8.1'), 0o644))).toMatch(/not an executable file/);
  expect(await message(home)).toMatch(/not an executable file/);
  expect(await message(await program('node', 'v20.20.2'))).toMatch(/is not k6/);
  expect(await message(await program('go', 'go version go1.26.8 linux/amd64'))).toMatch(/is not k6/);
});

test('a k6 older than 1.0 is refused as $K6_BIN and passed over on the PATH, with a note', async () => {
  const old = await program('bin/k6', 'k6 v0.54.0 (commit/baba871c8a, go1.23.1, linux/amd64)');
  const cached = await program('cache/1.8.1/k6', like('1.8.1'));
  expect(await search({ K6_BIN: old })).toMatchObject({
    path: null,
    message: expect.stringContaining('k6 0.54.0, squall needs 1.0'),
  });
  expect(await search({ PATH: path.join(home, 'bin') })).toMatchObject({
    path: cached,
    notes: [expect.stringContaining('0.54.0')],
  });
});

test('without any k6 the message says where it was looked for and how to get it', async () => {
  const none = await search({});
  expect(none).toMatchObject({ path: null });
  const { message, fix } = none as { message: string; fix: string };
  expect(message).toContain(path.join(home, 'cache'));
  expect(fix).toContain('scripts/setup.sh');
  expect(fix).toContain('go install go.k6.io/k6@latest');
});

test('a program that hangs instead of printing a version is given up', async () => {
  const file = path.join(home, 'hangs');
  await writeFile(file, '#!/bin/sh\nexec tail -f /dev/null\n', { mode: 0o755 });
  expect(await findK6({ env: { ...process.env, K6_BIN: file }, timeoutMs: 300 })).toMatchObject({
    path: null,
    message: expect.stringContaining('is not k6'),
  });
});

test.each([
  ['k6 v1.8.1 (go1.26.8, linux/amd64)', '1.8.1', 1],
  ['k6-2.2.0 v2.2.0 (go1.26.8, linux/amd64)', '2.2.0', 2],
  ['k6 v1.3.0 (commit/5870e99ae8, go1.25.1, darwin/arm64)\nExtensions:\n  xk6-disruptor v0.3.17', '1.3.0', 1],
  ['k6 v2.0.0-rc1+dirty (commit/devel, go1.26.8, linux/arm64)', '2.0.0-rc1+dirty', 2],
])('reads the version in %j', (output, version, major) => {
  expect(parseK6Version(output)).toEqual({ version, major });
});

test('the cache is below $XDG_CACHE_HOME, else below ~/.cache', () => {
  expect(k6CacheDir({ XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe('/x/squall/k6');
  expect(k6CacheDir({ HOME: '/h' })).toBe('/h/.cache/squall/k6');
});
