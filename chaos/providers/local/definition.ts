import type { FaultKindName } from '../../faults/index.ts';
import { samePort } from '../../fields/host-port.ts';
import type { Identity, ProviderDefinition } from '../definition.ts';
import { formOf, type LocalComponent, type LocalForm, localComponent } from './component.ts';
import { localFaults } from './faults/index.ts';

export const local: ProviderDefinition<typeof localComponent> = {
  component: localComponent,
  isLocal: true,
  facts(component) {
    const form = formOf(component);
    return {
      ...(form === undefined
        ? { form: 'nothing', kinds: [] }
        : { form: `a local ${form}`, kinds: kindsThatHit(form) }),
      identities: identities(component),
      secrets: secretsOf(component),
      withPaths: (absolute) => withPaths(component, absolute),
    };
  },
};

export function kindsThatHit(form: LocalForm): FaultKindName[] {
  return (Object.keys(localFaults) as FaultKindName[]).filter((kind) =>
    localFaults[kind]?.hits.includes(form),
  );
}

function secretsOf({ postgres, redis }: LocalComponent) {
  const urls = (postgres?.nodes ?? []).map(({ url }, i) => ({
    path: ['postgres', 'nodes', i, 'url'],
    text: url,
  }));
  const logins = (['auth', 'sentinelAuth'] as const).flatMap((login) =>
    (['username', 'password'] as const).flatMap((part) => {
      const text = redis?.[login]?.[part];
      return text === undefined ? [] : [{ path: ['redis', login, part], text }];
    }),
  );
  return [...urls, ...logins];
}

function identities({ process, link, postgres, redis }: LocalComponent): Identity[] {
  const files: Omit<Identity, 'what'>[] = [];
  if (process?.pidFile !== undefined) files.push({ path: ['process', 'pidFile'], value: process.pidFile });
  process?.pidFiles?.forEach((value, i) => {
    files.push({ path: ['process', 'pidFiles', i], value });
  });
  postgres?.nodes.forEach((node, i) => {
    files.push({ path: ['postgres', 'nodes', i, 'pidFile'], value: node.pidFile });
  });
  redis?.nodes.forEach((node, i) => {
    files.push({ path: ['redis', 'nodes', i, 'pidFile'], value: node.pidFile });
  });
  const all: Identity[] = files.map((file) => ({
    ...file,
    what: `pidFile ${file.value.replace(/^(\.\/)+/, '')}`,
  }));
  for (const by of ['port', 'command', 'systemd', 'supervisor', 'docker'] as const) {
    const value = process?.[by];
    if (value !== undefined)
      all.push({ what: `${by} ${value}`, path: ['process', by], value: String(value) });
  }
  if (link !== undefined && !link.listen.endsWith(':0')) {
    all.push({ what: `port ${samePort(link.listen)}`, path: ['link', 'listen'], value: link.listen });
  }
  return all;
}

/** Pid files and announcements are relative to the file that names them. */
function withPaths(component: LocalComponent, absolute: (file: string) => string): LocalComponent {
  const { process, link, postgres, redis } = component;
  return {
    ...component,
    ...(process && {
      process: {
        ...process,
        ...(process.pidFile !== undefined && { pidFile: absolute(process.pidFile) }),
        ...(process.pidFiles && { pidFiles: process.pidFiles.map(absolute) }),
      },
    }),
    ...(link && {
      link: { ...link, ...(link.announce !== undefined && { announce: absolute(link.announce) }) },
    }),
    ...(postgres && { postgres: { ...postgres, nodes: postgres.nodes.map(withPidFile) } }),
    ...(redis && { redis: { ...redis, nodes: redis.nodes.map(withPidFile) } }),
  };

  function withPidFile<Node extends { pidFile: string }>(node: Node): Node {
    return { ...node, pidFile: absolute(node.pidFile) };
  }
}
