import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { Verdict } from '../../orchestrator/verdict.types.ts';
import { paths } from '../../testbed/lib/testbed.ts';
import { squallEntry } from '../drill/run-drill.ts';
import { anyK6 } from '../k6.ts';

/** Accounts that every Linux has. Postgres asks for the name of its user. */
const ACCOUNTS = { daemon: 1, bin: 2 } as const;
const testbedEntry = path.resolve(import.meta.dirname, '../../dist/testbed/main.js');
const k6 = await anyK6();

const SCRIPT = `
import http from 'k6/http';
export const options = { scenarios: { all: { executor: 'constant-arrival-rate', rate: 60, duration: '25s', preAllocatedVUs: 60 } } };
export default () => { http.get(__ENV.BASE_URL + '/health', { tags: { name: 'GET /health' } }); };
`;
const DRILL = {
  name: 'one-of-two',
  load: [{ script: 'script.js' }],
  steady: { for: '5s' },
  faults: [{ name: 'lost', kind: 'kill', component: 'gateway', at: '6s', params: { count: 1 } }],
  objectives: [{ name: 'few-errors', errors: true, below: '5%', phase: 'all' }],
  probes: [{ name: 'replaced', kind: 'ready-within', component: 'gateway', within: '15s', after: 'lost' }],
};

/** Only root can be somebody else, and others must be able to read what root has installed. */
describe.skipIf(process.getuid?.() !== 0 || k6 === null || !(await isReadable()))('two users', () => {
  let shared: string;
  beforeAll(() => {
    // As /tmp is: for all, and each may remove only what is theirs.
    shared = mkdtempSync(path.join(os.tmpdir(), 'squall-users-'));
    chmodSync(shared, 0o1777);
    if (k6 !== null) copyFileSync(k6.path, path.join(shared, 'k6'));
  });
  afterAll(() => rmSync(shared, { recursive: true, force: true }));

  test('each has a testbed and runs a drill on it at the same time, and neither is disturbed', {
    timeout: 300_000,
  }, async () => {
    const users = [makeUser('daemon'), makeUser('bin')] as const;
    try {
      for (const user of users) {
        const { exitCode, stderr } = await user.testbed('up', '--base-port', '0');
        expect(exitCode, stderr).toBe(0);
      }
      const ended = await Promise.all(users.map((user) => user.drill()));
      for (const { exitCode, stdout, stderr } of ended) {
        expect(stdout, stderr).toMatch(/^\{/);
        const { verdict, reasons, faults } = JSON.parse(stdout) as Verdict;
        expect([verdict, exitCode], reasons.join('\n')).toEqual(['PASS', 0]);
        expect(faults[0]).toMatchObject({ result: 'PASS' });
      }
      const [first, second] = users;
      expect(await first.testbed('down')).toMatchObject({ exitCode: 0 });
      expect(await second.testbed('status')).toMatchObject({ exitCode: 0 });
      // What is not theirs is refused, and still there afterwards.
      const refused = await first.testbed('down', '--dir', second.dir);
      expect(refused.exitCode, refused.stdout).toBe(1);
      expect(refused.stderr).toMatch(/EACCES|belongs to another user|not made by this user/);
      expect(await second.testbed('status')).toMatchObject({ exitCode: 0 });
    } finally {
      for (const user of users) await user.testbed('down');
    }
  });

  function makeUser(name: keyof typeof ACCOUNTS) {
    const uid = ACCOUNTS[name];
    const home = path.join(shared, name);
    mkdirSync(home, { mode: 0o700 });
    chownSync(home, uid, uid);
    const dir = path.join(home, 'testbed');
    const run = async (entry: string, ...args: readonly string[]) => {
      const { SQUALL_TESTBED_TEMPLATES: _, XDG_STATE_HOME: __, ...env } = process.env;
      const { exitCode, stdout, stderr } = await execa(process.execPath, [entry, ...args], {
        ...{ cwd: home, env: { ...env, HOME: home, TMPDIR: shared, K6_BIN: path.join(shared, 'k6') } },
        ...{ extendEnv: false, uid, gid: uid, reject: false, stdin: 'ignore', timeout: 120_000 },
      });
      return { exitCode, stdout: String(stdout), stderr: String(stderr) };
    };
    return {
      dir,
      testbed: (command: string, ...args: readonly string[]) =>
        run(testbedEntry, command, ...(args.includes('--dir') ? [] : ['--dir', dir]), ...args),
      async drill() {
        writeFileSync(path.join(home, 'script.js'), SCRIPT);
        writeFileSync(path.join(home, 'drill.yaml'), stringify(DRILL));
        return await run(squallEntry, 'drill', 'drill.yaml', '--env', paths(dir).environment, '--json');
      },
    };
  }
});

async function isReadable(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  const uid = ACCOUNTS.daemon;
  const look = await execa(process.execPath, [squallEntry, '--version'], {
    ...{ uid, gid: uid, reject: false, cwd: '/' },
  });
  return look.exitCode === 0;
}
