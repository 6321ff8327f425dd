import { z } from 'zod';
import { aws } from './aws/definition.ts';
import { chaosMesh } from './chaos-mesh/definition.ts';
import type { ComponentFacts } from './definition.ts';
import { google } from './google/definition.ts';
import { local } from './local/definition.ts';

/** A component as an environment has it. A new provider is listed here, three times, and in scripts/providers.ts. */
export const component = z.discriminatedUnion('provider', [
  local.component,
  chaosMesh.component,
  aws.component,
  google.component,
]);
export type Component = z.output<typeof component>;

const providers = { local, 'chaos-mesh': chaosMesh, aws, google };

export function factsOf(component: Component): ComponentFacts<Component> {
  switch (component.provider) {
    case 'local':
      return local.facts(component);
    case 'chaos-mesh':
      return chaosMesh.facts(component);
    case 'aws':
      return aws.facts(component);
    case 'google':
      return google.facts(component);
  }
}

/** Is everything that a fault hits there on this machine? */
export function isLocal({ provider }: Pick<Component, 'provider'>): boolean {
  return providers[provider].isLocal;
}
