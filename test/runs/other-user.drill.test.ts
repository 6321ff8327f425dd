import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { shortFaults } from '../drill/faults.ts';
import { type DrillFiles, squallEntry, writeDrill } from '../drill/run-drill.ts';
import { anyK6 } from '../k6.ts';
import { startTinyTarget, type TinyTarget } from '../tiny-target/tiny-target.ts';

/** Nobody in particular: no user of this number need exist. */
const OTHER = 12_345;
const FIRST_OPEN_PORT = '/proc/sys/net/ipv4/ip_unprivileged_port_start';
const k6 = await anyK6();
let target: TinyTarget;
let files: DrillFiles;
let tmp: string;

beforeEach(async () => {
  target = await startTinyTarget();
  // It may lie where only root looks.
  const own = path.join(target.directory, 'k6');
  if (k6 !== null) copyFileSync(k6.path, own);
  files = writeDrill(target, { faults: [shortFaults.freeze] }, {}, own);
  chmodSync(target.directory, 0o755);
  tmp = path.join(target.directory, 'tmp');
  mkdirSync(tmp);
});
afterEach(() => target.stop());

const squall = (...args: readonly string[]) =>
  execa(process.execPath, [squallEntry, ...args], {
    ...{
      cwd: target.directory,
      env: { ...files.env, HOME: target.directory, TMPDIR: tmp },
      uid: OTHER,
      gid: OTHER,
    },
    ...{ reject: false, stdin: 'ignore', timeout: 60_000 },
  });
const drill = () => squall('drill', files.drill, '--env', files.environment, '--out', files.out);

/** Only root can be somebody else. */
describe.skipIf(process.getuid?.() !== 0 || k6 === null)('squall of another user', () => {
  test('says what it may not touch, before it starts anything', async () => {
    const state = files.env.XDG_STATE_HOME ?? '';
    const refused = async (...wanted: readonly string[]) => {
      const { exitCode, stderr } = await drill();
      for (const text of wanted) expect(stderr).toContain(text);
      expect(exitCode, String(stderr)).toBe(64);
      expect(readdirSync(target.directory)).not.toContain('run');
    };
    await refused(`${tmp} cannot be written: EACCES`, 'set TMPDIR');
    chownSync(tmp, OTHER, OTHER);
    await refused(`${state}/squall/active cannot be written`, 'XDG_STATE_HOME');
    mkdirSync(state);
    chownSync(state, OTHER, OTHER);
    await refused(`${files.out} cannot be the directory of a run`, 'name another one with --out');
    chownSync(target.directory, OTHER, OTHER);
    await refused(`pid ${target.pid()} belongs to another user`, 'run squall as the user');
    chmodSync(target.pidFile, 0o600);
    await refused('server.pid cannot be read by this user', 'run squall as the user');
  });

  test.skipIf(mayListenBelow(82))(
    'hears of a port that it may not listen on from the plan, and again from the drill',
    async () => {
      const lab = readFileSync(files.environment, 'utf8');
      writeFileSync(files.environment, lab.replaceAll(`127.0.0.1:${target.linkPort}`, '127.0.0.1:81'));
      const drill = readFileSync(files.drill, 'utf8');
      writeFileSync(files.drill, stringify({ ...parse(drill), faults: [] }));
      chownSync(target.directory, OTHER, OTHER);
      chownSync(tmp, OTHER, OTHER);
      const planned = await squall('plan', files.drill, '--env', files.environment);
      expect(planned.exitCode, String(planned.stderr)).toBe(0);
      const why =
        /127\.0\.0\.1:81\b.*this user may not listen on ports below \d+[\s\S]*Fix: choose a port from/;
      expect(planned.stdout).toMatch(why);
      const { exitCode, stderr } = await squall(
        ...['drill', files.drill, '--env', files.environment, '--out', files.out],
      );
      expect(exitCode, String(stderr)).toBe(64);
      expect(stderr).toMatch(why);
      expect(readdirSync(target.directory)).not.toContain('run');
    },
  );

  test('names the locks of another user, which it cannot recover or stop', async () => {
    const state = files.env.XDG_STATE_HOME ?? '';
    const locks = path.join(state, 'squall', 'active');
    mkdirSync(locks, { recursive: true, mode: 0o755 });
    const lock = path.join(locks, '0.json');
    writeFileSync(lock, '{}', { mode: 0o600 });
    const recovered = await squall('recover');
    expect(recovered.stderr).toContain(`this user may not read it: ${lock}`);
    expect(recovered.exitCode).toBe(64);
    const stopped = await squall('stop');
    expect(stopped.stderr).toContain(`stop it as another user: this one may not read ${lock}`);
    expect(stopped.exitCode).toBe(64);
  });
});

/** On Linux, which ports belong to everybody is a setting of the machine, or of the container. */
function mayListenBelow(port: number): boolean {
  return !existsSync(FIRST_OPEN_PORT) || Number(readFileSync(FIRST_OPEN_PORT, 'utf8')) < port;
}
