import { isAlive } from '../lib/identity.ts';
import { checkPage, controlService, servicesOf } from '../lib/inventory.ts';
import { readRecord } from '../lib/process.ts';
import { origin, port, readTestbed, type Testbed } from '../lib/testbed.ts';
import { readCluster } from '../postgres/cluster.ts';
import { isInRecovery, nodeNames } from '../postgres/node.ts';
import { ping } from '../redis/ask.ts';
import { redisNames, sentinelNames } from '../redis/names.ts';

export interface Part {
  readonly name: string;
  readonly pid: number | undefined;
  /** What is wrong; undefined: nothing. */
  readonly problem: string | undefined;
  /** The process has ended, rather than not being ready yet. */
  readonly dead: boolean;
  /** What does the work, where there is a choice. */
  readonly by?: string;
}

export interface Status {
  readonly healthy: boolean;
  readonly dir: string;
  readonly url: string | undefined;
  readonly parts: readonly Part[];
}

/** Looks at every part of the testbed. Reads only. */
export async function status(dir: string): Promise<Status> {
  const testbed = readTestbed(dir);
  if (testbed === undefined) return { healthy: false, dir, url: undefined, parts: [] };
  const parts = await Promise.all(
    checks(testbed).map(async ({ name, check, by }) => ({
      ...(await look(testbed, name, check)),
      ...(by === undefined ? {} : { by }),
    })),
  );
  return {
    healthy: parts.every((part) => part.problem === undefined),
    dir,
    url: origin(testbed, 'edge'),
    parts,
  };
}

interface Check {
  readonly name: string;
  readonly check: () => Promise<unknown>;
  readonly by?: string;
}

function checks(testbed: Testbed): Check[] {
  const { primary } = readCluster(testbed.dir);
  return [
    ...nodeNames.map((name) => ({
      name,
      check: async () => {
        const standby = await isInRecovery(testbed, name);
        if (standby === (name === primary)) throw new Error(`it is a ${standby ? 'standby' : 'primary'}`);
      },
    })),
    ...[...redisNames, ...sentinelNames].map((name) => ({ name, check: () => ping(port(testbed, name)) })),
    ...[...servicesOf(testbed), controlService].map((service) => ({
      name: service.name,
      check: () => checkPage(testbed, service, 'readyPath', 2_000),
      ...(service.folder === 'edge' ? { by: balancerOf(testbed) } : {}),
    })),
  ];
}

function balancerOf({ haproxy }: Testbed): string {
  return haproxy === undefined ? 'Node (edge/main.ts)' : `HAProxy ${haproxy.version}`;
}

async function look(testbed: Testbed, name: string, check: () => Promise<unknown>): Promise<Part> {
  const record = readRecord(testbed.dir, name);
  if (!isAlive(record))
    return { name, pid: undefined, problem: 'the process is not there', dead: record !== undefined };
  const pid = record?.pid;
  try {
    await check();
    return { name, pid, problem: undefined, dead: false };
  } catch (error) {
    const { message, cause } = error as Error;
    const problem = cause instanceof Error ? `${message}: ${cause.message}` : message;
    return { name, pid, problem, dead: false };
  }
}
