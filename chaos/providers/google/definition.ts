import type { ProviderDefinition } from '../definition.ts';
import { googleComponent } from './component.ts';

export const google: ProviderDefinition<typeof googleComponent> = {
  component: googleComponent,
  isLocal: false,
  facts: (component) => ({
    form: component.cloudRun === undefined ? 'a metric of Cloud Monitoring' : 'a service of Cloud Run',
    kinds: [],
    identities: [],
    secrets: [],
    withPaths: () => component,
  }),
};
