import path from 'node:path';
import { factsOf } from '../providers/definitions.ts';
import type { Component, Environment } from '../schema/environment.ts';

/**
 * Makes the paths in an environment absolute: pid files, certificates and announcements are relative to the file that names them.
 * Commands (`testbed`) are not paths: they run in the working directory.
 */
export function resolvePaths(environment: Environment, directory: string): Environment {
  const components: Record<string, Component> = {};
  for (const [name, component] of Object.entries(environment.components)) {
    components[name] = factsOf(component).withPaths((file) => path.resolve(directory, file));
  }
  const { http, integrations } = environment;
  const textfile = integrations?.prometheus?.textfile;
  return {
    ...environment,
    components,
    ...(http?.ca !== undefined && { http: { ...http, ca: path.resolve(directory, http.ca) } }),
    ...(integrations?.prometheus !== undefined &&
      textfile !== undefined && {
        integrations: {
          ...integrations,
          prometheus: { ...integrations.prometheus, textfile: path.resolve(directory, textfile) },
        },
      }),
  };
}
