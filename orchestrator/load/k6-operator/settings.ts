import type { K6OperatorSettings, LoadSettings } from '../../../chaos/schema/load.ts';

/** @throws Error when a load got here that is none of this runner's */
export function settingsOf({
  settings,
}: {
  readonly settings?: LoadSettings | undefined;
}): K6OperatorSettings {
  if (settings?.runner !== 'k6-operator') throw new Error('a load by k6-operator has none of its settings');
  return settings;
}
