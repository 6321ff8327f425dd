import type { ScenarioShape } from '../k6/iterations.ts';
import { refuse } from './errors.ts';

/**
 * Each runner gets a share of the VUs, and a rate is split by VUs, too: with 4 VUs, three runners get 2, 1 and 1 of them, and half of
 * the rate goes to the first. Numbers that can be divided evenly are the only ones with which a runner does what it is thought to do.
 * @throws ProviderError that names the scenario, the number and one that does
 */
export function checkShares(
  scenarios: Readonly<Record<string, ScenarioShape>>,
  parallelism: number,
  script: string,
): void {
  for (const [name, scenario] of Object.entries(scenarios)) {
    for (const [option, count] of countsOf(scenario)) {
      if (count > 0 && count % parallelism === 0) continue;
      const next = Math.max(1, Math.ceil(count / parallelism)) * parallelism;
      throw refuse(
        `${script}: scenario ${name} has ${option}: ${count}, which ${parallelism} runners cannot share evenly`,
        `make it ${next}, or take another \`parallelism\` in the environment`,
      );
    }
  }
}

function countsOf(scenario: ScenarioShape): [string, number][] {
  const { executor, vus, preAllocatedVUs, maxVUs, stages } = scenario;
  const said = (option: string, count: number | null | undefined): [string, number][] =>
    typeof count === 'number' && count > 0 ? [[option, count]] : [];
  switch (executor) {
    case 'constant-arrival-rate':
    case 'ramping-arrival-rate':
      return [...said('preAllocatedVUs', preAllocatedVUs), ...said('maxVUs', maxVUs)];
    case 'ramping-vus': {
      // On the way up every number occurs. Only that each runner has something to do can be asked.
      const most = Math.max(0, ...(stages ?? []).map(({ target }) => target ?? 0));
      return [['the largest target of its stages', most]];
    }
    default:
      return [['vus', vus ?? 1]];
  }
}
