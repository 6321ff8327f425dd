import { checkPage, services } from '../lib/inventory.ts';
import { origin, type PortName, type Testbed } from '../lib/testbed.ts';
import type { Control } from './context.ts';

const component = 'studio-link';
const slowMs = 60;
const gateways: readonly PortName[] = services.filter((s) => s.component === 'gateway').map((s) => s.name);
const studioEdge = services.find((s) => s.name === 'studio-edge');

/** Reports a link that is down or slow, by comparing what the gateways see with the studio as seen from here. */
export function watchLink(control: Control): () => Promise<void> {
  const { testbed, incidents } = control;
  let slowRounds = 0;
  return async () => {
    const seen = await viewsAcrossLink(testbed);
    if (seen.length === 0 || studioEdge === undefined) return;
    if (seen.every((view) => view.reachable)) {
      incidents.resolve('link:down');
      const slow = seen.every((view) => (view.rttMs ?? 0) > slowMs);
      slowRounds = slow ? slowRounds + 1 : 0;
      if (!slow) incidents.resolve('link:slow');
      else if (slowRounds >= 2)
        fire('link:slow', 'LinkSlow', `a round trip takes ${Math.round(seen[0]?.rttMs ?? 0)} ms`);
      return;
    }
    // If the studio does not answer here either, it is not the link: services.ts reports that.
    const studioAnswers = await checkPage(testbed, studioEdge, 'healthPath').then(
      () => true,
      () => false,
    );
    if (studioAnswers) fire('link:down', 'LinkDown', 'the studio answers, but not across the link');
  };

  function fire(key: string, alertname: string, summary: string): void {
    const severity = key === 'link:down' ? 'critical' : 'warning';
    incidents.fire(key, { alertname, component, instance: component, severity, summary });
  }
}

interface View {
  readonly reachable: boolean;
  /** Milliseconds. */
  readonly rttMs?: number;
}

/** How the gateways that answer see the other cloud. */
export async function viewsAcrossLink(testbed: Testbed): Promise<View[]> {
  const views = await Promise.all(gateways.map((name) => look(origin(testbed, name))));
  return views.filter((view) => view !== undefined);
}

async function look(gateway: string): Promise<View | undefined> {
  try {
    const response = await fetch(`${gateway}/-/reach`, { signal: AbortSignal.timeout(1_000) });
    return (await response.json()) as View;
  } catch {
    return undefined;
  }
}
