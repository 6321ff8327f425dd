import type { z } from 'zod';
import { type FaultRequest, ProviderError } from '../../provider.ts';
import type { localComponent } from './component.ts';
import { type LocalForm, localSupports } from './definition.ts';

export type LocalComponent = z.output<typeof localComponent>;

/** The form of a request's component, checked to support the kind. @throws ProviderError */
export function formOf(request: FaultRequest): {
  readonly form: LocalForm;
  readonly component: LocalComponent;
} {
  const { component, componentName, fault } = request;
  if (component.provider !== 'local') throw new ProviderError(`component ${componentName} is not local`);
  const forms = Object.keys(localSupports) as LocalForm[];
  const form = forms.find((name) => component[name] !== undefined);
  if (form === undefined) throw new ProviderError(`component ${componentName} says nothing that can be hit`);
  const kinds: readonly string[] = localSupports[form];
  if (!kinds.includes(fault.kind)) {
    throw new ProviderError(`component ${componentName}: a ${form} cannot have a ${fault.kind}`, {
      fix: `kinds for a ${form}: ${kinds.join(', ')}`,
    });
  }
  return { form, component };
}

/** Is only the process that the pid file names to be hit (`params: { only: parent }`), and not its tree? */
export function hitsParentOnly({ params }: FaultRequest['fault']): boolean {
  return 'only' in params && params.only === 'parent';
}
