import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Program } from '../lib/process.ts';
import { host, type PortName, port, type Testbed } from '../lib/testbed.ts';
import { masterName, quorum, type redisNames, type sentinelNames } from './names.ts';

export type RedisName = (typeof redisNames)[number];
export type SentinelName = (typeof sentinelNames)[number];

/** @throws when redis-server or redis-sentinel is not on the PATH, with the way to get it */
export function requireRedis(): void {
  for (const command of ['redis-server', 'redis-sentinel']) {
    try {
      execFileSync(command, ['--version'], { stdio: 'ignore' });
    } catch {
      throw new Error(
        `testbed: ${command} is not on the PATH. Debian, Ubuntu: apt-get install redis-server redis-sentinel; macOS: brew install redis`,
      );
    }
  }
}

/**
 * A node's configuration, rewritten before each start. Thanks to the append-only file, a node that has to come back as master (because
 * its replica was gone as well) comes back with its data.
 */
export function prepareRedis(testbed: Testbed, name: RedisName, replicaOf: RedisName | undefined): Program {
  const home = homeOf(testbed, name);
  const lines = [
    `bind ${host}`,
    `port ${port(testbed, name)}`,
    'daemonize no',
    `dir ${home}`,
    'save ""',
    'appendonly yes',
    'appendfsync everysec',
    'repl-diskless-sync yes',
    'repl-diskless-sync-delay 0',
    'repl-ping-replica-period 1',
    'repl-timeout 5',
    // A write is acknowledged by WAIT (see gateway/sessions.ts); refusing writes here as well would only make rate limits fail.
    'min-replicas-to-write 0',
    `replica-announce-ip ${host}`,
    'maxmemory 256mb',
    'maxmemory-policy noeviction',
    'loglevel notice',
    'logfile ""',
  ];
  if (replicaOf !== undefined) lines.push(`replicaof ${host} ${port(testbed, replicaOf)}`);
  const file = writeConfig(testbed, home, lines);
  return { name, command: 'redis-server', args: [file], cwd: home, dropUser: true, stopSignal: 'SIGTERM' };
}

/** A Sentinel keeps its state in its configuration file, which is therefore written only for the first start. */
export function prepareSentinel(testbed: Testbed, name: SentinelName, master: RedisName): Program {
  const home = homeOf(testbed, name);
  writeConfig(testbed, home, [
    `bind ${host}`,
    `port ${port(testbed, name)}`,
    'daemonize no',
    `dir ${home}`,
    'logfile ""',
    `sentinel monitor ${masterName} ${host} ${port(testbed, master)} ${quorum}`,
    `sentinel down-after-milliseconds ${masterName} 1500`,
    `sentinel failover-timeout ${masterName} 6000`,
    `sentinel parallel-syncs ${masterName} 1`,
  ]);
  return sentinelProgram(testbed, name);
}

export function sentinelProgram(testbed: Testbed, name: SentinelName): Program {
  const home = path.join(testbed.dataDir, name);
  return {
    name,
    command: 'redis-sentinel',
    args: [path.join(home, 'redis.conf')],
    cwd: home,
    dropUser: true,
    stopSignal: 'SIGTERM',
  };
}

function homeOf(testbed: Testbed, name: PortName): string {
  const home = path.join(testbed.dataDir, name);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  if (testbed.runAs !== null) chownSync(home, testbed.runAs.uid, testbed.runAs.gid);
  return home;
}

function writeConfig(testbed: Testbed, home: string, lines: readonly string[]): string {
  const file = path.join(home, 'redis.conf');
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  if (testbed.runAs !== null) chownSync(file, testbed.runAs.uid, testbed.runAs.gid);
  return file;
}
