import type { Command } from 'commander';
import { RefusalError } from '../../orchestrator/refusal.ts';

/** Commands that are planned and not built yet: they say so, exit with 64, and are not in the help. */
export function addNotYet(root: Command): void {
  const coming = [['compare <runs...>', 'two runs side by side (not built yet)']] as const;
  for (const [usage, description] of coming) {
    const name = usage.split(' ')[0] ?? usage;
    root
      .command(usage, { hidden: true })
      .description(description)
      .allowUnknownOption()
      .action(() => {
        throw new RefusalError(`${name} is not built yet`);
      });
  }
}
