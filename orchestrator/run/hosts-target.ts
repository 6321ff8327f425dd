import type { Drill } from '../../chaos/schema/drill.ts';
import type { Environment } from '../../chaos/schema/environment.ts';

/**
 * Does the target run on the machine that generates the load, as far as the definitions say? They do when a component is a process or a
 * link of this machine, or when a variable is a URL of loopback. What a load balancer hides behind one, nobody says.
 */
export function hostsTarget(
  environment: Pick<Environment, 'components' | 'vars'>,
  drill: Pick<Drill, 'load'>,
): boolean {
  const vars = [environment.vars, ...drill.load.map((load) => load.vars)].flatMap((one) =>
    Object.values(one ?? {}),
  );
  return (
    Object.values(environment.components).some(({ provider }) => provider === 'local') ||
    vars.some((value) => isLoopback(value))
  );
}

function isLoopback(value: string): boolean {
  if (!URL.canParse(value)) return false;
  return /^(127(\.\d+){3}|localhost|\[::1\])$/.test(new URL(value).hostname);
}
