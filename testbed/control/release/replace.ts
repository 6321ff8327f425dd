import { setTimeout as sleep } from 'node:timers/promises';
import { serviceProgram } from '../../edge/program.ts';
import { checkPage, type NodeService } from '../../lib/inventory.ts';
import { readRecord, startProcess, stopProcess } from '../../lib/process.ts';
import { readRelease, versionOf, writeRelease } from '../../lib/release.ts';
import { origin, type Testbed } from '../../lib/testbed.ts';

const lookEveryMs = 100;
/** The load balancer looks twice a second. */
const patienceMs = 10_000;
/** Requests that the load balancer had already sent are answered meanwhile. */
const drainMs = 300;
const stopMs = 5_000;
const startMs = 20_000;

/**
 * Runs another version in a gateway's place: the load balancer takes the old one out first, so that no request fails, and the new one gets
 * none before it is admitted. @throws when it does not get ready
 */
export async function replace(testbed: Testbed, gateway: NodeService, version: string): Promise<void> {
  const { name } = gateway;
  setRelease(testbed, name, { version: versionOf(readRelease(testbed.dir), name), admitted: false });
  await balancerSees(testbed, name, false);
  await sleep(drainMs);
  const record = readRecord(testbed.dir, name);
  if (record !== undefined) await stopProcess(record, 'SIGTERM', stopMs);
  setRelease(testbed, name, { version, admitted: false });
  startProcess(testbed, serviceProgram(testbed, gateway));
  await until(startMs, () =>
    checkPage(testbed, gateway, 'readyPath').then(
      () => true,
      () => false,
    ),
  );
}

/** From now on it gets traffic. */
export async function admit(testbed: Testbed, { name }: NodeService): Promise<void> {
  setRelease(testbed, name, { version: versionOf(readRelease(testbed.dir), name), admitted: true });
  await balancerSees(testbed, name, true);
}

function setRelease(testbed: Testbed, name: string, one: { version: string; admitted: boolean }): void {
  const release = readRelease(testbed.dir);
  writeRelease(testbed.dir, { ...release, gateways: { ...release.gateways, [name]: one } });
}

async function balancerSees(testbed: Testbed, name: string, healthy: boolean): Promise<void> {
  await until(patienceMs, async () => {
    const response = await fetch(`${origin(testbed, 'edge')}/-/health`, {
      signal: AbortSignal.timeout(1_000),
    });
    const { replicas } = (await response.json()) as { replicas: { name: string; healthy: boolean }[] };
    // The last one is of the route that checks it; the others only track that.
    return replicas.findLast((one) => one.name === name)?.healthy === healthy;
  });
}

/** @throws when it does not become true in time */
async function until(timeoutMs: number, ask: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await ask().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms`);
    await sleep(lookEveryMs);
  }
}
