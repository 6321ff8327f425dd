import type { LoadSettings } from '../../../chaos/schema/load.ts';

/** @throws Error when a load got here that is none of this runner's */
export function settingsOf({ settings }: { readonly settings?: LoadSettings | undefined }): LoadSettings {
  if (settings === undefined) throw new Error('a load by k6-operator has no settings');
  return settings;
}
