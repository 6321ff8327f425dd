import { isIPv4 } from 'node:net';
import type { ChaosMeshComponent } from '../component.ts';
import type { LinkEnd } from './link-use.ts';
import type { PodLook } from './pod-use.ts';

/** A pod at one end of a link, as it is watched. */
export interface EndPod {
  readonly end: 'near' | 'far';
  readonly name: string;
  readonly addresses: readonly string[];
  readonly trouble: string | undefined;
}

export function endsOf<Pod extends EndPod>(
  { to }: ChaosMeshComponent,
  pods: readonly Pod[],
  under: (one: Pod) => readonly PodLook[],
  before: (one: Pod) => readonly PodLook[],
): LinkEnd[] {
  const of = (end: EndPod['end']) => pods.filter((one) => one.end === end);
  const addresses = (end: EndPod['end']) => new Set(of(end).flatMap((one) => one.addresses));
  const hosts = new Set(to?.hosts?.map(bare));
  const [near, far] = [addresses('near'), addresses('far')];
  return [
    {
      name: 'near',
      looks: of('near').map(under),
      before: of('near').map(before),
      isOther: (address) => far.has(address) || hosts.has(address),
    },
    {
      name: 'far',
      looks: of('far').map(under),
      before: of('far').map(before),
      isOther: (address) => near.has(address),
    },
  ];
}

/**
 * Why the ends may be connected and it does not show; undefined: it would. The far end has the addresses of the near pods in its tables.
 * The near end may have that of a Service instead, and what goes to a host has to be known by its address.
 * @param leftOut the ends that have more pods than are watched
 */
export function whyUnseen<Pod extends EndPod>(
  { to }: ChaosMeshComponent,
  pods: readonly Pod[],
  under: (one: Pod) => readonly PodLook[],
  leftOut: ReadonlySet<EndPod['end']>,
): string | undefined {
  const nameless = to?.hosts?.find((host) => !isIPv4(bare(host)));
  if (nameless !== undefined) return `${nameless} is not one IPv4 address, and connections have only those`;
  const end = to?.hosts === undefined ? 'far' : 'near';
  const measured = pods.filter((one) => one.end === end);
  const blind = measured.find((one) => one.trouble !== undefined && under(one).length < 2);
  if (blind !== undefined) return `${blind.name} at its ${end} end was not measured (${blind.trouble})`;
  if (!measured.some((one) => under(one).length > 1)) return `its ${end} end was not measured`;
  if (leftOut.has(end)) return `its ${end} end has more pods than are measured`;
  if (end === 'near') return undefined;
  if (leftOut.has('near')) return 'its near end has more pods than are known by their addresses';
  const other = pods.find(({ addresses }) => !addresses.every((address) => isIPv4(address)));
  return other === undefined ? undefined : `${other.name} has an IPv6 address, which is not compared`;
}

const bare = (host: string) => host.replace(/\/32$/, '');
