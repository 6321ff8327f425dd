import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findHAProxy } from '../edge/haproxy/find.ts';
import { serviceProgram } from '../edge/program.ts';
import { readJson, writeAtomically } from '../lib/files.ts';
import { controlService, nodeProgram, servicesOf } from '../lib/inventory.ts';
import { isRunning, startProcess } from '../lib/process.ts';
import { canReach, chooseRunAs } from '../lib/run-as.ts';
import { parseSettings, readRawSettings, writeSettings } from '../lib/settings.ts';
import {
  type Extra,
  extraOptions,
  type HAProxy,
  paths,
  readTestbed,
  type Secrets,
  type Testbed,
} from '../lib/testbed.ts';
import { firstCluster, writeCluster } from '../postgres/cluster.ts';
import { configureNode, dataDirectory, nodeNames, postgresProgram } from '../postgres/node.ts';
import { copyDataDirectory, ensureTemplate } from '../postgres/template.ts';
import { replication } from '../redis/ask.ts';
import { sentinelNames } from '../redis/names.ts';
import { prepareRedis, prepareSentinel, requireRedis } from '../redis/nodes.ts';
import { down } from './down.ts';
import { absolutePlace, environmentYaml } from './environment.ts';
import { findFreeBlock, requireFreePorts } from './ports.ts';
import { type Status, status } from './status.ts';
import { warmUp } from './warm-up.ts';

export type Balancer = 'haproxy' | 'node';

export interface UpRequest {
  readonly dir: string;
  /** 0: any free ports. */
  readonly basePort: number;
  /** `name=value`, see lib/settings.ts. */
  readonly set: readonly string[];
  /** The program of the load balancers; left out: HAProxy where there is one. */
  readonly edge?: Balancer | undefined;
  /** Whether it gets a load before it counts as ready (warm-up.ts). */
  readonly warmUp: boolean;
  /** What runs besides. */
  readonly extras: readonly Extra[];
  /** The file that runs these commands, for the environment. */
  readonly main: string;
  readonly signal: AbortSignal;
}

const readyWithinMs = 90_000;
const healWithinMs = 20_000;
/** Each look asks some twenty processes, which have enough to do while they start. */
const lookEveryMs = 250;

/** Starts what is not running and returns when everything is healthy. A failed start leaves nothing running. */
export async function up(request: UpRequest): Promise<{ status: Status; started: boolean }> {
  const raw = parseSettings(request.set);
  const running = await reuse(request, raw);
  if (running !== undefined) return { status: running, started: false };
  requireRedis();
  const haproxy = chooseHAProxy(request.edge);
  await down(request.dir);
  const testbed = await prepare(request, raw, haproxy);
  try {
    const secrets = readSecrets(testbed);
    startAll(testbed, secrets);
    await waitReady(testbed, request.signal);
    if (request.warmUp) await warmUp(testbed, request.signal);
    writeAtomically(
      paths(testbed.dir).environment,
      environmentYaml(testbed, absolutePlace(testbed, request.main)),
    );
    return { status: await status(testbed.dir), started: true };
  } catch (error) {
    await down(request.dir).catch(() => {});
    throw error;
  }
}

/** A testbed that is up, or is being repaired by its control loop, is left alone. */
async function reuse(request: UpRequest, raw: Record<string, string>): Promise<Status | undefined> {
  const testbed = readTestbed(request.dir);
  if (testbed === undefined || !isRunning(request.dir, 'control')) return undefined;
  if (request.basePort !== 0 && request.basePort !== testbed.basePort) {
    throw new Error(
      `testbed: it runs on ports from ${testbed.basePort}, not ${request.basePort}; run \`down --dir ${request.dir}\` first`,
    );
  }
  const balancer: Balancer = testbed.haproxy === undefined ? 'node' : 'haproxy';
  if (request.edge !== undefined && request.edge !== balancer) {
    throw new Error(
      `testbed: it runs with ${balancer} as load balancer; run \`down --dir ${request.dir}\` first`,
    );
  }
  const missing = request.extras.find((extra) => !testbed[extra]);
  if (missing !== undefined) {
    throw new Error(
      `testbed: it runs without ${extraOptions[missing]}; run \`down --dir ${request.dir}\` first`,
    );
  }
  const deadline = performance.now() + healWithinMs;
  for (;;) {
    const now = await status(request.dir);
    if (now.healthy) {
      const file = paths(request.dir).settings;
      if (request.set.length > 0) writeSettings(file, { ...readRawSettings(file), ...raw });
      return now;
    }
    if (performance.now() > deadline) return undefined;
    await sleep(lookEveryMs, undefined, { signal: request.signal });
  }
}

/** @throws when HAProxy is asked for and not there, with the way to get it */
function chooseHAProxy(edge: Balancer | undefined): HAProxy | undefined {
  if (edge === 'node') return undefined;
  const found = findHAProxy();
  if (found === undefined && edge === 'haproxy') {
    throw new Error(
      'testbed: there is no HAProxy 2.4 or newer. Debian, Ubuntu: apt-get install haproxy; macOS: brew install haproxy',
    );
  }
  return found;
}

async function prepare(
  request: UpRequest,
  raw: Record<string, string>,
  haproxy: HAProxy | undefined,
): Promise<Testbed> {
  const { dir } = request;
  const basePort = request.basePort === 0 ? await findFreeBlock() : request.basePort;
  await requireFreePorts(basePort);
  const runAs = chooseRunAs();
  const id = randomUUID();
  const own = path.join(dir, 'data');
  mkdirSync(own, { recursive: true, mode: 0o755 });
  const dataDir = canReach(runAs, own) ? own : path.join(os.tmpdir(), `squall-testbed-${id}`);
  mkdirSync(dataDir, { recursive: true, mode: 0o755 });
  const balancer = haproxy === undefined ? {} : { haproxy };
  const more = Object.fromEntries(request.extras.map((extra) => [extra, true]));
  const testbed: Testbed = { id, dir, dataDir, basePort, runAs, ...balancer, ...more };
  const files = paths(dir);
  mkdirSync(path.dirname(files.link), { recursive: true });
  // Leftovers of a testbed that was killed would be believed.
  for (const file of [files.link, files.secondLink, files.killSwitch, files.objects])
    rmSync(file, { recursive: true, force: true });
  writeSettings(files.settings, raw);
  writeCluster(dir, firstCluster);
  writeAtomically(files.testbed, `${JSON.stringify(testbed, null, 2)}\n`);
  return testbed;
}

/** Made once for a directory; the database template holds the passwords, so they go together. */
function readSecrets(testbed: Testbed): Secrets {
  const file = paths(testbed.dir).secrets;
  const known = readJson<Secrets>(file);
  // An older testbed in the same directory knew no object store.
  if (known?.objectStore !== undefined) return known;
  rmSync(path.join(testbed.dataDir, 'postgres-template'), { recursive: true, force: true });
  const secret = (): string => randomBytes(32).toString('base64url');
  const secrets: Secrets = {
    jwtKey: secret(),
    postgres: { admin: secret(), replicator: secret(), studio: secret() },
    objectStore: { accessKeyId: 'studio', secretAccessKey: secret() },
  };
  writeAtomically(file, `${JSON.stringify(secrets)}\n`, 0o600);
  return secrets;
}

/** In the order in which they need each other; a part that starts too early retries by itself. */
function startAll(testbed: Testbed, secrets: Secrets): void {
  startProcess(testbed, prepareRedis(testbed, 'redis-1', undefined));
  startProcess(testbed, prepareRedis(testbed, 'redis-2', 'redis-1'));
  for (const service of servicesOf(testbed)) startProcess(testbed, serviceProgram(testbed, service));
  const template = ensureTemplate(testbed, secrets);
  for (const name of nodeNames) {
    copyDataDirectory(testbed, template, dataDirectory(testbed, name));
    configureNode(testbed, secrets, name, { standby: name !== firstCluster.primary, waitFor: undefined });
    startProcess(testbed, postgresProgram(testbed, name));
  }
}

async function waitReady(testbed: Testbed, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + readyWithinMs;
  await startSentinels(testbed, deadline, signal);
  startProcess(testbed, nodeProgram(testbed, controlService));
  for (;;) {
    const now = await status(testbed.dir);
    if (now.healthy) return;
    const dead = now.parts.find((part) => part.dead);
    const late =
      performance.now() > deadline ? now.parts.find((part) => part.problem !== undefined) : undefined;
    const culprit = dead ?? late;
    if (culprit !== undefined) {
      const { name, problem } = culprit;
      throw new Error(`testbed: ${name}: ${problem}; its log: ${paths(testbed.dir).logFile(name)}`);
    }
    await sleep(lookEveryMs, undefined, { signal });
  }
}

/** A Sentinel asks a master for its replicas only every ten seconds, so the replica has to be there first. */
async function startSentinels(testbed: Testbed, deadline: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    const state = await replication(testbed, 'redis-1').catch(() => undefined);
    if (state?.replicas === 1) break;
    const dead = ['redis-1', 'redis-2'].find((name) => !isRunning(testbed.dir, name));
    if (dead !== undefined || performance.now() > deadline) {
      throw new Error(
        `testbed: ${dead ?? 'redis-1'} did not start; its log: ${paths(testbed.dir).logFile(dead ?? 'redis-1')}`,
      );
    }
    await sleep(50, undefined, { signal });
  }
  for (const name of sentinelNames) startProcess(testbed, prepareSentinel(testbed, name, 'redis-1'));
}
