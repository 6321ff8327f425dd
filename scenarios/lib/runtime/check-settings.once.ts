import { settingsOf } from '../../../thresholds/k6-settings.ts';

/** Variables of shells and desktops that look like a misspelt setting. */
const OF_SHELLS = ['USER', 'USERNAME', 'TOKENS', 'PATH', 'PWD', 'PORTS'];

/**
 * Refuses `-e RTAE=500`, which would be ignored without a word. k6 does not tell what was said with `-e` from the variables of the shell,
 * so only what is one slip away from a setting of this scenario is refused, and a drill, which checks its own, is left alone.
 * @throws Error that says which setting was probably meant
 */
export const checkSettings = (scenario: string, given: Readonly<Record<string, string>>): void => {
  const known = settingsOf[scenario];
  if (known === undefined || given.SQUALL_DRILL) return;
  const every: readonly string[] = Object.values(settingsOf).flat();
  for (const name of Object.keys(given)) {
    if (every.includes(name) || OF_SHELLS.includes(name)) continue;
    const meant = known.find((setting) => isOneSlipAway(name.toUpperCase(), setting));
    if (meant !== undefined)
      throw new Error(`${scenario} has no setting ${name}: did you mean -e ${meant}=…?`);
  }
};

/** One letter more, less or other, or two neighbours swapped; of four letters and fewer only the swap. */
const isOneSlipAway = (name: string, setting: string): boolean => {
  if (Math.abs(name.length - setting.length) > 1) return false;
  let same = 0;
  while (same < name.length && name[same] === setting[same]) same += 1;
  if (same === name.length && same === setting.length) return name.length > 0;
  const rest = (text: string, from: number) => text.slice(same + from);
  const swapped = name[same] === setting[same + 1] && name[same + 1] === setting[same];
  if (swapped && rest(name, 2) === rest(setting, 2)) return true;
  if (setting.length <= 4) return false;
  return (
    rest(name, 1) === rest(setting, 1) ||
    rest(name, 1) === rest(setting, 0) ||
    rest(name, 0) === rest(setting, 1)
  );
};
