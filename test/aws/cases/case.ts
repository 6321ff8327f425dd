import type { StandIn } from '../../../chaos/providers/aws/fixtures/stand-in.ts';
import type { OneFault, Told } from '../one-fault.ts';

/** One trouble of AWS, and what squall has to make of it. */
export interface Case extends OneFault {
  readonly title: string;
  readonly result: Told['result'];
  readonly says: RegExp;
  /** How often the order was sent; left out: once, or not at all when it is refused. */
  readonly sent?: number;
}

export const ORDERS = {
  instance: 'RebootDBInstance',
  cluster: 'FailoverDBCluster',
  shard: 'TestFailover',
} as const;
export const instanceOf = ({ rds }: StandIn) =>
  rds.state.instances[0] as NonNullable<(typeof rds.state.instances)[0]>;
export const clusterOf = ({ rds }: StandIn) =>
  rds.state.clusters[0] as NonNullable<(typeof rds.state.clusters)[0]>;
export const groupOf = ({ elasticache }: StandIn) =>
  elasticache.groups[0] as NonNullable<(typeof elasticache.groups)[0]>;
export const tellEarlier = (standIn: StandIn, type: string, source: string, text: string, agoMs: number) =>
  standIn.events.earlier({ SourceType: type, SourceIdentifier: source, Message: text }, agoMs);
export const STARTED = 'Multi-AZ instance failover started.';

/** What does not start. */
export function refusal(what: string, form: object, says: RegExp, before?: (standIn: StandIn) => void): Case {
  return { title: what, form, result: 'REFUSED', says, ...(before && { before }) };
}
