import { fileURLToPath } from 'node:url';
import type { Program } from './process.ts';
import { type Extras, origin, type PortName, type Testbed } from './testbed.ts';

/** One of our own services: what it belongs to, and where its program is. */
export interface NodeService {
  readonly name: PortName;
  /** The name of the component in environments and alerts. */
  readonly component: string;
  readonly folder:
    | 'edge'
    | 'gateway'
    | 'projects'
    | 'control'
    | 'studio/producer'
    | 'studio/vocal-coach'
    | 'studio/ai-brain'
    | 'studio/object-store'
    | 'business'
    | 'business/mailbox';
  /** Answers 200 with a body while the process does its work. */
  readonly healthPath: string;
  /** Answers 200 once what it depends on is there as well. */
  readonly readyPath: string;
}

const service = (name: PortName, component: string, folder: NodeService['folder']): NodeService => ({
  name,
  component,
  folder,
  ...(folder === 'edge'
    ? { healthPath: '/-/health', readyPath: '/-/health' }
    : { healthPath: '/health', readyPath: '/ready' }),
});

/** What every testbed has, and the control loop keeps alive. A new service gets a line here, a port in testbed.ts, and a route in the edge. */
export const services: readonly NodeService[] = [
  service('edge', 'edge', 'edge'),
  service('gateway-1', 'gateway', 'gateway'),
  service('gateway-2', 'gateway', 'gateway'),
  service('studio-edge', 'studio-edge', 'edge'),
  service('projects-1', 'projects', 'projects'),
  service('projects-2', 'projects', 'projects'),
  service('producer', 'producer', 'studio/producer'),
  service('vocal-coach', 'vocal-coach', 'studio/vocal-coach'),
  service('ai-brain', 'ai-brain', 'studio/ai-brain'),
];
/** Only where the testbed has a second studio cloud. Everything else that a studio needs it shares with the first. */
const secondStudio: readonly NodeService[] = [
  service('second-studio-edge', 'second-studio-edge', 'edge'),
  service('second-projects', 'second-projects', 'projects'),
];
/** Only where the testbed was started with `--object-store`. */
const objectStore: readonly NodeService[] = [service('object-store', 'object-store', 'studio/object-store')];
/** Only where the testbed was started with `--business`. */
const business: readonly NodeService[] = [
  service('mailbox', 'mailbox', 'business/mailbox'),
  service('business', 'business', 'business'),
];
export function servicesOf(testbed: Extras): readonly NodeService[] {
  return [
    ...services,
    ...(testbed.secondStudio ? secondStudio : []),
    ...(testbed.objectStore ? objectStore : []),
    ...(testbed.business ? business : []),
  ];
}
export const controlService: NodeService = service('control', 'control', 'control');

/** The folder of the testbed's programs, from here (bundled into one of them, or not). */
const programs = import.meta.url.slice(0, import.meta.url.lastIndexOf('/testbed/') + '/testbed/'.length);

export function nodeProgram(testbed: Testbed, { name, folder }: NodeService): Program {
  return {
    name,
    command: process.execPath,
    // The name is for people who look at a list of processes; the service reads it from its environment.
    args: [fileURLToPath(new URL(`${folder}/main.js`, programs)), name],
    cwd: testbed.dir,
    dropUser: false,
    stopSignal: 'SIGTERM',
  };
}

/** Tells the control loop's checks from those of the load balancer. */
export const askedByControl = 'x-asked-by';

/** @throws with the reason when the page does not answer 200 with a body */
export async function checkPage(
  testbed: Testbed,
  target: NodeService,
  page: 'healthPath' | 'readyPath',
  timeoutMs = 1_000,
): Promise<void> {
  const response = await fetch(`${origin(testbed, target.name)}${target[page]}`, {
    headers: { [askedByControl]: 'control' },
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await response.text();
  if (response.status !== 200)
    throw new Error(`${target[page]} answered ${response.status}: ${text.slice(0, 200)}`);
  if (text.trim() === '') throw new Error(`${target[page]} answered 200 without a body`);
}
