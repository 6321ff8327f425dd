import { nameOfProcess } from './name.ts';
import { isLoopback, portOf } from './sources/url.ts';
import type { ListenerView, Source } from './types.ts';

/** What else listens beside it, and where kubectl looks: for the comments in the environment. */
export function othersOf(
  source: Source,
  listeners: readonly ListenerView[],
  kubectl: string | null,
): string[] {
  const own = source.baseUrl !== null && isLoopback(source.baseUrl) ? portOf(source.baseUrl) : 0;
  const target = listeners.find(({ port }) => port === own)?.process;
  // What runs beside it, and not every service of the machine.
  const isRelated = ({ port, process: found }: ListenerView) =>
    port !== own &&
    found?.mayHit &&
    target &&
    found.directory === target.directory &&
    found.pid !== target.pid;
  const others = listeners.filter(isRelated).slice(0, 10);
  return [
    ...(others.length === 0 ? [] : ['Also listening here:']),
    ...others.map(({ port, process: found }) => {
      const name = found === null ? '' : nameOfProcess(found);
      // Two components of one name are no YAML.
      const isTaken = [target, ...others.map((one) => one.process)].some(
        (one) => one && one !== found && nameOfProcess(one) === name,
      );
      return `  ${isTaken ? `${name}-${port}` : name}: { provider: local, process: { port: ${port} } }`;
    }),
    ...(kubectl === null
      ? []
      : [`kubectl's context is ${kubectl}: see docs/kubernetes.md for components there.`]),
  ];
}
