import { execFileSync, spawn } from 'node:child_process';
import cluster from 'node:cluster';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { freePorts } from '../../../test/free-port.ts';
import { contextOf } from '../contract.ts';
import { component } from '../definitions.ts';
import { answerOf, type StartedTree, serve, startTree, type TreeOptions } from './fixtures/trees.ts';
import { ended, requestOf, temporaryDirectory, until } from './fixtures/world.ts';
import { createLocalProvider } from './provider.ts';
import { watchProcesses } from './use/process-use.ts';

// Processes are started and ended here: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60_000 });

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  vi.unstubAllEnvs();
});
const within = (ms = 20_000) => AbortSignal.timeout(ms);
const provider = createLocalProvider();
const kill = { kind: 'kill' };
const resolve = (process: Record<string, unknown>) =>
  provider.resolve(requestOf(kill, { process }), within());
const labelOf = async (process: Record<string, unknown>) => (await resolve(process)).targets[0]?.label;

it('says of a pid file what is wrong with it', async () => {
  const { directory, remove } = temporaryDirectory();
  cleanups.push(remove);
  const pidFile = path.join(directory, 'app.pid');
  const refusal = () => resolve({ pidFile }).then(String, ({ message }: Error) => message);
  expect(await refusal()).toBe(`component target: no process is running: ${pidFile} does not exist`);
  writeFileSync(pidFile, '\n');
  expect(await refusal()).toContain(`${pidFile} is empty`);
  writeFileSync(pidFile, '{"pid": 12}');
  expect(await refusal()).toContain(`${pidFile} holds no pid: its first line is "{\\"pid\\": 12}"`);
  const dead = spawn('true');
  await new Promise((done) => dead.once('exit', done));
  writeFileSync(pidFile, String(dead.pid));
  expect(await refusal()).toContain(`${pidFile} names pid ${dead.pid}, and no such process runs`);
  rmSync(pidFile);
  execFileSync('mkfifo', [pidFile]);
  expect(await refusal()).toContain(`${pidFile} is no plain file`);
  rmSync(pidFile);
  mkdirSync(pidFile);
  expect(await refusal()).toContain(`${pidFile} is a directory`);
});

it('finds by its port the master of a prefork server, and its successor after a kill', async () => {
  const [port = 0] = await freePorts(1);
  const tree = await start(`for i in 1 2; do ${serve(port)}; done`);
  await until(() => answerOf(port));
  const server = await answerOf(port);
  const { targets } = await resolve({ port });
  expect(targets[0]?.label).toBe(`target (pid ${server})`);
  expect(targets[0]?.details).toContain(`found by port ${port}`);
  const request = requestOf(kill, { process: { port } });
  const session = await provider.open(contextOf(request), within());
  cleanups.push(() => session.close());
  const prepared = await session.prepare(request, targets, within());
  await prepared.act(within());
  await prepared.observe(within());
  const { seen } = await prepared.observeEnd(within());
  tree.note();
  const next = await answerOf(port, 5_000);
  expect(next).not.toBe(server);
  expect(seen).toEqual([`target (pid ${server}) is back as pid ${next}, serving 127.0.0.1:${port}`]);
});

it('takes those that share a socket for one server, and refuses two servers on one port', async () => {
  const [port = 0] = await freePorts(1);
  const { directory, remove } = temporaryDirectory();
  cleanups.push(remove);
  const program = path.join(directory, 'master.cjs');
  const listen = `net.createServer((s) => s.on('error', () => {}).end(process.pid + '\\n')).listen(${port}, '127.0.0.1')`;
  writeFileSync(
    program,
    `const cluster = require('cluster'), net = require('net'); if (cluster.isPrimary) { cluster.fork(); cluster.fork() } else ${listen}`,
  );
  const other = `require("net").createServer().listen(${port},"127.0.0.2")`;
  const tree = await start(`"${process.execPath}" ${program} & echo $! > master; wait`);
  const master = await tree.pid('master');
  await until(() => answerOf(port));
  tree.note();
  expect(await labelOf({ port })).toBe(`target (pid ${master})`);
  const second = await start(`exec "${process.execPath}" -e '${other}'`);
  await until(() =>
    resolve({ port }).then(
      () => false,
      () => true,
    ),
  );
  await expect(resolve({ port })).rejects.toMatchObject({
    message: expect.stringMatching(
      new RegExp(`^component target: 2 processes listen on TCP port ${port}: .*pid ${second.root.pid} \\(`),
    ),
    fix: expect.stringContaining('pidFile'),
  });
});

it.each(['docker-proxy', 'dockerd'])('names the container where %s holds its port', async (name) => {
  const [port = 0] = await freePorts(1);
  const { directory, remove } = temporaryDirectory();
  cleanups.push(remove);
  const program = path.join(directory, name);
  symlinkSync(process.execPath, program);
  const holds = (address: string) =>
    `"${program}" -e 'require("net").createServer().listen(${port},"${address}")'`;
  // Docker has one for IPv4 and one for IPv6.
  await start(`${holds('127.0.0.1')} & ${holds('127.0.0.2')} & wait`);
  await vi.waitFor(
    () =>
      expect(resolve({ port })).rejects.toMatchObject({
        message: expect.stringMatching(
          new RegExp(`: port ${port} is held by \`\\S+/${name} .* \\(pid \\d+\\) for a container$`),
        ),
        fix: 'name the container: `docker: <container>`',
      }),
    { timeout: 20_000 },
  );
});

it('never takes for a server what holds the socket of its workers', async () => {
  const [port = 0, shared = 0] = await freePorts(2);
  const { directory, remove } = temporaryDirectory();
  cleanups.push(remove);
  const program = path.join(directory, 'god.cjs');
  writeFileSync(
    program,
    `const cluster = require('cluster'), net = require('net');
    cluster.schedulingPolicy = Number(process.argv[3]);
    if (cluster.isPrimary) { process.title = 'PM2 v7.0.4: God Daemon (/srv/pm2)'; cluster.fork() }
    else net.createServer((s) => s.on('error', () => {}).end(process.pid + '\\n')).listen(Number(process.argv[2]), '127.0.0.1')`,
  );
  const god = (at: number, policy: number) => `exec "${process.execPath}" ${program} ${at} ${policy}`;
  const alone = await start(god(port, cluster.SCHED_RR));
  await until(() => answerOf(port));
  alone.note();
  await expect(resolve({ port })).rejects.toMatchObject({
    message: `component target: port ${port} is held by \`PM2 v7.0.4: God Daemon (/srv/pm2)\` (pid ${alone.root.pid}), which manages others: to hit it would hit all of them`,
    fix: expect.stringContaining('name the worker by its `pidFile`'),
  });
  const sharing = await start(god(shared, cluster.SCHED_NONE));
  await until(() => answerOf(shared));
  sharing.note();
  expect(await labelOf({ port: shared })).toBe(`target (pid ${await answerOf(shared)})`);
});

it('says so when nothing listens on the port', async () => {
  const [port = 0] = await freePorts(1);
  await expect(resolve({ port })).rejects.toThrow(
    `no process is running: nothing listens on TCP port ${port}`,
  );
});

it('finds the one process that has a command line like that, with its family, and lists several', async () => {
  const mark = `squall-${process.pid}-${Date.now()}`;
  const tree = await start(`sh -c "sleep 600; : ${mark}" & echo $! > one; wait`);
  const one = await tree.pid('one');
  // The shell above has the words on its command line, too, and the other one descends from it.
  expect(await labelOf({ command: `sleep.*${mark}` })).toBe(`target (pid ${tree.root.pid})`);
  expect(await labelOf({ command: `^sh -c sleep 600; : ${mark}$` })).toBe(`target (pid ${one})`);
  const other = await start(`sleep 600; : ${mark}`);
  await expect(resolve({ command: mark })).rejects.toThrow(
    new RegExp(
      `2 processes have a command line like /${mark}/: pid ${tree.root.pid} \\(.*pid ${other.root.pid} \\(sh`,
    ),
  );
  await expect(resolve({ command: `${mark}-not` })).rejects.toThrow('no process has a command line like');
});

it('refuses what is another program than the environment says', async () => {
  const tree = await start('sleep 600 & wait');
  const { pidFile } = tree;
  expect(await labelOf({ pidFile, is: '^sh -c sleep' })).toBe(`root (pid ${tree.root.pid})`);
  await expect(resolve({ pidFile, is: 'gunicorn' })).rejects.toThrow(
    `component target: ${pidFile} names pid ${tree.root.pid}, which is \`sh -c sleep 600 & wait\`, and the environment says that it is /gunicorn/`,
  );
});

it('measures the use of a server that is known by its port', async () => {
  const [port = 0] = await freePorts(1);
  await start(`exec ${serve(port)}`);
  await until(() => answerOf(port));
  const { targets } = await resolve({ port });
  const watch = watchProcesses([{ port }]);
  const began = Date.now();
  await watch.ready;
  const from = Date.now();
  const quiet = { from: began, to: from };
  const client = spawn(process.execPath, [
    '-e',
    `setInterval(() => require('net').connect(${port}, '127.0.0.1').end('x').on('error', () => {}).resume(), 50)`,
  ]);
  cleanups.push(
    () => ended(client, 'SIGKILL'),
    () => watch.close(),
  );
  await vi.waitUntil(
    async () => (await watch.between(targets, { from, to: Date.now(), quiet })).inUse === true,
    {
      timeout: 30_000,
      interval: 500,
    },
  );
});

it.skipIf(!has('supervisord'))(
  'asks supervisord for the process of a program, and for its next one',
  async () => {
    const { directory, remove } = temporaryDirectory();
    const socket = path.join(directory, 's.sock');
    const settings = path.join(directory, 'supervisord.conf');
    writeFileSync(
      settings,
      `[supervisord]\nnodaemon=true\npidfile=${directory}/s.pid\nlogfile=${directory}/s.log\nuser=${process.getuid?.() === 0 ? 'root' : ''}\n`.replace(
        /user=\n/,
        '',
      ) +
        `[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n` +
        `[unix_http_server]\nfile=${socket}\nusername=me\npassword=hunter2\n` +
        `[supervisorctl]\nserverurl=unix://%(here)s/s.sock\nusername=me\npassword=hunter2 ; not told to anybody\n` +
        `[program:web]\ncommand=sleep 600\nautorestart=true\nstartsecs=0\n` +
        `[program:pair]\ncommand=sleep 600\nnumprocs=2\nprocess_name=%(program_name)s_%(process_num)d\nstartsecs=0\n` +
        `[program:idle]\ncommand=sleep 600\nautostart=false\n`,
    );
    const daemon = spawn('supervisord', ['-c', settings], { cwd: directory, stdio: 'ignore' });
    cleanups.push(remove, () => ended(daemon, 'SIGTERM'));
    const before = process.cwd();
    process.chdir(directory);
    cleanups.push(() => process.chdir(before));
    await until(() => resolve({ supervisor: 'web' }));
    const request = requestOf(kill, { process: { supervisor: 'web', is: '^sleep 600$' } });
    const { targets } = await provider.resolve(request, within());
    expect(targets[0]?.details?.[0]).toMatch(/^sleep 600, as /);
    const session = await provider.open(contextOf(request), within());
    cleanups.push(() => session.close());
    const prepared = await session.prepare(request, targets, within());
    await prepared.act(within());
    const { seen } = await prepared.observeEnd(within());
    expect(seen[0]).toMatch(/^target \(pid \d+\) is back as pid \d+$/);
    expect(await labelOf({ supervisor: 'pair:pair_1', server: `unix://${socket}` })).toMatch(/^target \(pid/);
    await expect(resolve({ supervisor: 'wep' })).rejects.toThrow(
      'no process is running: supervisor has no program wep; it has: idle, pair:pair_0, pair:pair_1, web',
    );
    await expect(resolve({ supervisor: 'idle' })).rejects.toThrow(
      'supervisor program idle is STOPPED (Not started)',
    );
    process.chdir(before);
    await expect(resolve({ supervisor: 'web', server: `unix://${socket}` })).rejects.toThrow(
      `supervisord at unix://${socket} cannot be asked: it wants another user name and password`,
    );
    const nowhere = `unix://${directory}/no.sock`;
    await expect(resolve({ supervisor: 'web', server: nowhere })).rejects.toThrow('its socket is not there');
  },
);

it('takes no process of this machine for one of a supervisord that is elsewhere (a stand-in for its API)', async () => {
  const { directory, remove } = temporaryDirectory();
  const tree = await start('sleep 600 & wait');
  const began = Math.floor(Date.now() / 1000);
  const socket = path.join(directory, 's.sock');
  let info: Record<string, string | number> = {};
  const api = createServer((_, response) => {
    const members = Object.entries(info).map(([name, value]) => {
      const type = typeof value === 'number' ? 'int' : 'string';
      return `<member>\n<name>${name}</name>\n<value><${type}>${value}</${type}></value>\n</member>`;
    });
    response.end(
      `<methodResponse><params><param><value><struct>${members.join('')}</struct></value></param></params></methodResponse>`,
    );
  });
  await new Promise<void>((done) => api.listen(socket, done));
  cleanups.push(remove, () => new Promise((done) => api.close(done)));
  const web = { supervisor: 'web', server: `unix://${socket}` };
  const { pid } = tree.root;
  const running = (start: number, now: number) => ({
    pid,
    statename: 'RUNNING',
    start,
    now,
    description: 'up',
  });
  const anHour = 3_600;
  // Its clock may be another one; how long the process has run is the same.
  for (const clock of [0, anHour]) {
    const now = Math.floor(Date.now() / 1000) + clock;
    info = running(began + clock, now);
    expect(await labelOf(web)).toBe(`target (pid ${pid})`);
    info = running(began + clock - anHour, now);
    await expect(resolve(web)).rejects.toMatchObject({
      message: expect.stringContaining(
        `the process of supervisor program web (pid ${pid} there) is not on this machine`,
      ),
      fix: expect.stringContaining('run squall where supervisord runs'),
    });
  }
  info = { pid, statename: 'RUNNING' };
  await expect(resolve(web)).rejects.toThrow('is not on this machine');
  info = { ...running(0, began), pid: 0, statename: 'STOPPED' };
  await expect(resolve(web)).rejects.toThrow('no process is running: supervisor program web is STOPPED (up)');
});

it('asks systemd for the main process of a unit (a stand-in for systemctl)', async () => {
  const { directory, remove } = temporaryDirectory();
  cleanups.push(remove);
  const tree = await start('sleep 600 & wait');
  const answers = (text: string) => {
    writeFileSync(path.join(directory, 'systemctl'), `#!/bin/sh\n[ "$1" = --user ] || exit 1\n${text}\n`);
    chmodSync(path.join(directory, 'systemctl'), 0o755);
  };
  vi.stubEnv('PATH', `${directory}:${process.env.PATH}`);
  const unit = { systemd: 'web.service', manager: 'user' };
  const state = (pid: string, load = 'loaded') =>
    `printf 'MainPID=${pid}\\nLoadState=${load}\\nActiveState=inactive\\nSubState=dead\\n'`;
  answers(state(String(tree.root.pid)));
  expect(await labelOf(unit)).toBe(`target (pid ${tree.root.pid})`);
  answers(state('0'));
  await expect(resolve(unit)).rejects.toThrow(
    'systemd unit web.service is inactive (dead), without a main process',
  );
  answers(state('0', 'not-found'));
  await expect(resolve(unit)).rejects.toThrow('no process is running: systemd has no unit web.service');
  answers('echo "Failed to connect to bus" >&2; exit 1');
  await expect(resolve(unit)).rejects.toThrow(
    'systemd cannot be asked about web.service: Failed to connect to bus',
  );
  vi.stubEnv('PATH', '/nowhere');
  await expect(resolve(unit)).rejects.toThrow('there is no systemctl here');
});

it('asks Docker for the first process of a container (a stand-in for its API)', async () => {
  const { directory, remove } = temporaryDirectory();
  const tree = await start('sleep 600 & wait');
  const began = Date.now();
  const socket = path.join(directory, 'docker.sock');
  let state: Record<string, unknown> = {};
  let next: typeof state | undefined;
  const api = createServer((request, response) => {
    const isThere = request.url === '/containers/web-1/json';
    const isList = request.url === '/containers/json';
    response.statusCode = isThere || isList ? 200 : 404;
    response.end(
      JSON.stringify(isList ? [{ Names: ['/web-1'] }] : { Id: 'f'.repeat(64), State: state, message: 'no' }),
    );
    if (isThere) state = next ?? state;
  });
  await new Promise<void>((done) => api.listen(socket, done));
  cleanups.push(remove, () => new Promise((done) => api.close(done)));
  vi.stubEnv('DOCKER_HOST', `unix://${socket}`);
  state = { Status: 'running', Pid: tree.root.pid, StartedAt: new Date(began).toISOString(), Paused: false };
  expect(await labelOf({ docker: 'web-1' })).toBe(`target (pid ${tree.root.pid})`);
  // The same pid, but of another time: this container is not on this machine.
  state = { ...state, StartedAt: '2020-01-01T00:00:00.123456789Z' };
  await expect(resolve({ docker: 'web-1' })).rejects.toThrow('is not on this machine');
  // Nor has it left the machine when Docker has not noticed its death yet.
  next = { Status: 'exited', Pid: 0 };
  await expect(resolve({ docker: 'web-1' })).rejects.toThrow(
    'no process is running: container web-1 is exited',
  );
  await expect(resolve({ docker: 'web' })).rejects.toThrow('docker has no container web; running: web-1');
  vi.stubEnv('DOCKER_HOST', 'tcp://10.0.0.1:2375');
  await expect(resolve({ docker: 'web-1' })).rejects.toThrow('not a socket of this machine');
});

it.each([
  [{ port: 80, command: 'x' }, 'known by exactly one thing'],
  [{}, 'known by exactly one thing'],
  [{ command: 'node (' }, 'is no regular expression'],
  [{ port: 80, server: 'unix:///x' }, 'belongs to `supervisor` and `docker` alone'],
  [{ port: 80, manager: 'user' }, 'belongs to `systemd` alone'],
  [{ docker: 'x', server: 'tcp://10.0.0.1:2375' }, 'must be a socket'],
  [{ systemd: '--version' }, 'is no name of a unit'],
])('the schema refuses %j', (process, rule) => {
  const parsed = component.safeParse({ provider: 'local', process });
  expect(parsed.error?.issues.map(({ message }) => message).join()).toContain(rule);
});

async function start(script: string, options?: TreeOptions): Promise<StartedTree> {
  const tree = await startTree(script, options);
  cleanups.push(() => tree.close());
  return tree;
}

function has(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
