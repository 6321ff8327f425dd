import type { ProviderDefinition } from '../definition.ts';
import { type GoogleComponent, googleComponent } from './component.ts';

export const google: ProviderDefinition<typeof googleComponent> = {
  component: googleComponent,
  isLocal: false,
  facts: (component) => ({
    form: formOf(component),
    kinds: [],
    identities: [],
    secrets: [],
    withPaths: () => component,
  }),
};

function formOf({ cloudRun, metric }: GoogleComponent): string {
  if (cloudRun !== undefined) return 'a service of Cloud Run';
  return metric === undefined ? 'the costs of a project' : 'a metric of Cloud Monitoring';
}
