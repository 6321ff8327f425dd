import path from 'node:path';
import type { Component, Environment } from '../schema/environment.ts';

/**
 * Makes the paths in an environment absolute: pid files, certificates and announcements are relative to the file that names them.
 * Commands (`testbed`) are no paths: they run in the working directory.
 */
export function resolvePaths(environment: Environment, directory: string): Environment {
  const components: Record<string, Component> = {};
  for (const [name, component] of Object.entries(environment.components)) {
    components[name] = resolveComponent(component, (file) => path.resolve(directory, file));
  }
  const { http } = environment;
  return {
    ...environment,
    components,
    ...(http?.ca !== undefined && { http: { ...http, ca: path.resolve(directory, http.ca) } }),
  };
}

function resolveComponent(component: Component, absolute: (file: string) => string): Component {
  if (component.provider !== 'local') return component;
  const { process, link, postgres, redis } = component;
  return {
    ...component,
    ...(process && {
      process: {
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
