import path from 'node:path';
import { readJson } from './files.ts';
import type { RunAs } from './run-as.ts';

/** One testbed as `up` wrote it down. Everything else follows from it. */
export interface Testbed {
  /** Random; in the environment of every process that belongs to this testbed. */
  readonly id: string;
  readonly dir: string;
  /** Where Postgres and Redis keep their data. Outside of `dir` only if their user cannot reach it. */
  readonly dataDir: string;
  readonly basePort: number;
  /** The user of Postgres and Redis; null: the user that runs the testbed. */
  readonly runAs: RunAs | null;
  /** The load balancers' program; left out: edge/main.ts, as on a cluster. */
  readonly haproxy?: HAProxy;
  /** Whether there is a second studio cloud, for when the first is out of reach. */
  readonly secondStudio?: true;
  /** Whether finished audio is kept in an object store. */
  readonly objectStore?: true;
  /** Whether the services of business/ run. */
  readonly business?: true;
  /** Where the parts are when each has a host of its own, as pods have; left out: all of them on this machine. */
  readonly hosts?: Readonly<Partial<Record<PortName, string>>>;
}

/** What runs only where it is asked for, since it takes processor time, and the options of `up` that ask for it. */
export const extraOptions = {
  secondStudio: '--second-studio',
  objectStore: '--object-store',
  business: '--business',
} as const;
export type Extra = keyof typeof extraOptions;
export type Extras = Pick<Testbed, Extra>;

/** A HAProxy on this machine. */
export interface HAProxy {
  readonly path: string;
  /** Such as 2.6.12. */
  readonly version: string;
  /** Whether it was built with the Prometheus exporter. */
  readonly exporter: boolean;
}

/** Not in testbed.json, since only the owner may read these. */
export interface Secrets {
  /** HS256 key of the gateway's tokens, base64url. */
  readonly jwtKey: string;
  readonly postgres: { readonly admin: string; readonly replicator: string; readonly studio: string };
  /** Of the object store; left out on a cluster. */
  readonly objectStore?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Where each part listens, as an offset from the base port. The links and `alerts` are squall's. */
export const portOffsets = {
  edge: 0,
  'gateway-1': 10,
  'gateway-2': 11,
  'studio-edge': 20,
  'projects-1': 21,
  'projects-2': 22,
  'second-studio-edge': 25,
  'second-projects': 26,
  'postgres-a': 30,
  'postgres-b': 31,
  'redis-1': 40,
  'redis-2': 41,
  'sentinel-1': 45,
  'sentinel-2': 46,
  'sentinel-3': 47,
  control: 50,
  link: 60,
  'vocal-link': 61,
  'second-studio-link': 62,
  producer: 70,
  'vocal-coach': 72,
  'ai-brain': 74,
  'object-store': 80,
  business: 86,
  mailbox: 87,
  'mailbox-smtp': 88,
  alerts: 95,
} as const;
export type PortName = keyof typeof portOffsets;

export const host = '127.0.0.1';

export function port(testbed: Pick<Testbed, 'basePort'>, name: PortName): number {
  return testbed.basePort + portOffsets[name];
}

export function hostOf(testbed: Pick<Testbed, 'hosts'>, name: PortName): string {
  return testbed.hosts?.[name] ?? host;
}

/** Where a part listens: on loopback only, unless the others are on other hosts. */
export function listenHost(testbed: Pick<Testbed, 'hosts'>): string {
  return testbed.hosts === undefined ? host : '0.0.0.0';
}

export function origin(testbed: Pick<Testbed, 'basePort' | 'hosts'>, name: PortName): string {
  return `http://${hostOf(testbed, name)}:${port(testbed, name)}`;
}

/** The paths of all files of a testbed. */
export function paths(dir: string) {
  const at = (...parts: string[]): string => path.join(dir, ...parts);
  return {
    testbed: at('testbed.json'),
    secrets: at('secrets.json'),
    settings: at('settings.json'),
    environment: at('environment.yaml'),
    run: at('run'),
    log: at('log'),
    cache: at('cache'),
    link: at('link', 'studio'),
    secondLink: at('link', 'second-studio'),
    killSwitch: at('kill-switch'),
    audit: at('audit.jsonl'),
    objects: at('objects'),
    vocalRecord: at('vocal-record.ndjson'),
    cluster: at('postgres-cluster.json'),
    release: at('release.json'),
    edgeConfig: (name: string) => at('edge', `${name}.cfg`),
    record: (name: string) => at('run', `${name}.json`),
    pidFile: (name: string) => at('run', `${name}.pid`),
    logFile: (name: string) => at('log', `${name}.log`),
  };
}

export function readTestbed(dir: string): Testbed | undefined {
  return readJson<Testbed>(paths(dir).testbed);
}

/** The testbed that this process belongs to, from the environment that the launcher gave it. */
export function ownTestbed(): { testbed: Testbed; secrets: Secrets; name: PortName } {
  const dir = process.env.SQUALL_TESTBED_DIR;
  const name = process.env.SQUALL_TESTBED_SERVICE;
  if (dir === undefined || name === undefined) {
    throw new Error('testbed: start services with `testbed/main.js up`; SQUALL_TESTBED_DIR is not set');
  }
  const testbed = readTestbed(dir);
  const secrets = readJson<Secrets>(paths(dir).secrets);
  if (testbed === undefined || secrets === undefined) throw new Error(`testbed: no testbed in ${dir}`);
  return { testbed, secrets, name: name as PortName };
}
