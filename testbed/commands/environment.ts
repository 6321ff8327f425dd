import path from 'node:path';
import { stringify } from 'yaml';
import { servicesOf } from '../lib/inventory.ts';
import {
  type Extra,
  extraOptions,
  host,
  origin,
  type PortName,
  paths,
  port,
  type Testbed,
} from '../lib/testbed.ts';
import { nodeNames } from '../postgres/node.ts';
import { masterName, redisNames, sentinelNames } from '../redis/names.ts';

/** Where the file is, and the commands of the testbed, which squall runs in its own working directory. */
export interface Place {
  readonly from: string;
  readonly command: (name: 'up' | 'down' | 'status', testbed: Testbed) => string[];
}

/** Works from any working directory, for the file that `up` writes. */
export function absolutePlace(testbed: Testbed, main: string): Place {
  return {
    from: testbed.dir,
    command: (name) => {
      const ports = ['--base-port', String(testbed.basePort)];
      const more = name === 'up' ? [...ports, ...optionsOf(testbed)] : [];
      return ['node', main, name, '--dir', testbed.dir, ...more];
    },
  };
}

function optionsOf(testbed: Testbed): string[] {
  return (Object.keys(extraOptions) as Extra[]).flatMap((name) =>
    testbed[name] ? [extraOptions[name]] : [],
  );
}

/** What squall needs to know of this testbed. Paths are relative to the file. */
export function environment(testbed: Testbed, { from, command }: Place) {
  const files = paths(testbed.dir);
  const relative = (file: string): string => path.relative(from, file);
  const pidFile = (name: string): string => relative(files.pidFile(name));
  const address = (name: PortName): string => `${host}:${port(testbed, name)}`;
  const components: Record<string, object> = {};
  const services = servicesOf(testbed);
  for (const { component } of services) {
    const names = services.filter((s) => s.component === component).map((s) => s.name);
    components[component] = { provider: 'local', process: { pidFiles: names.map(pidFile) } };
  }
  components['studio-link'] = {
    provider: 'local',
    link: { listen: address('link'), upstream: address('studio-edge'), announce: relative(files.link) },
  };
  if (testbed.secondStudio)
    components['second-studio-link'] = {
      provider: 'local',
      link: {
        listen: address('second-studio-link'),
        upstream: address('second-studio-edge'),
        announce: relative(files.secondLink),
      },
    };
  // Between singers, and those who share a session, and the load balancer.
  components['vocal-link'] = {
    provider: 'local',
    link: { listen: address('vocal-link'), upstream: address('edge') },
  };
  components['projects-db'] = {
    provider: 'local',
    postgres: {
      nodes: nodeNames.map((name) => ({
        name,
        url: `postgres://observer@${address(name)}/postgres`,
        pidFile: pidFile(name),
      })),
    },
  };
  components.sessions = {
    provider: 'local',
    redis: {
      master: masterName,
      sentinels: sentinelNames.map(address),
      nodes: redisNames.map((name) => ({ address: address(name), pidFile: pidFile(name) })),
    },
  };
  return {
    name: 'local',
    description: 'The testbed on this machine: squall testbed up',
    vars: {
      BASE_URL: origin(testbed, 'edge'),
      VOCAL_URL: `ws://${address('vocal-link')}`,
      SHARED_URL: `ws://${address('vocal-link')}`,
    },
    alerts: { listen: address('alerts') },
    allow: { kinds: ['kill', 'freeze', 'failover', 'partition', 'latency', 'stress'], maxTargets: 1 },
    testbed: {
      up: command('up', testbed),
      down: command('down', testbed),
      status: command('status', testbed),
    },
    writes: {
      lookup: `${origin(testbed, 'edge')}/api/writes/lookup`,
      // The testbed's well-known administrator (testbed/gateway/users.ts): test data on loopback.
      headers: { authorization: `Basic ${Buffer.from('admin:squall').toString('base64')}` },
    },
    components,
  };
}

export function environmentYaml(testbed: Testbed, place: Place): string {
  return stringify(environment(testbed, place), { lineWidth: 110, flowCollectionPadding: true });
}
