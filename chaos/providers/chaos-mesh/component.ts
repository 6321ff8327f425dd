import { z } from 'zod';
import { fraction } from '../../fields/units.ts';

/** Nothing in these is ever hit, whatever an environment says: the cluster's own parts and Chaos Mesh itself. */
export const PROTECTED_NAMESPACES = [
  'kube-system',
  'kube-public',
  'kube-node-lease',
  'chaos-mesh',
  'chaos-testing',
];

const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const namespace = z
  .string()
  .regex(dnsLabel, 'a namespace has lower-case letters, digits and dashes, at most 63')
  .refine((ns) => !PROTECTED_NAMESPACES.includes(ns), {
    error: (issue) =>
      `namespace ${JSON.stringify(issue.input)} is protected: it belongs to the cluster or to Chaos Mesh`,
  });

const labels = z
  .record(
    z
      .string()
      .regex(
        /^([a-z0-9.-]{1,253}\/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/,
        'not the key of a Kubernetes label',
      ),
    z.string().regex(/^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$/, 'not the value of a Kubernetes label'),
  )
  .refine(
    (all) => Object.keys(all).length > 0,
    'an empty selector would match every pod of the namespace: name at least one label',
  );

const host = z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9.:/-]{0,252})$/, 'a host name, an address or a CIDR');

/** The far end of a link: other pods, or hosts outside the cluster. */
const farEnd = z
  .strictObject({
    namespace: namespace.optional().describe("left out: the component's own"),
    labels: labels.optional(),
    hosts: z.array(host).min(1).optional(),
  })
  .refine((to) => (to.labels === undefined) !== (to.hosts === undefined), 'say either labels or hosts')
  .refine(
    (to) => to.hosts === undefined || to.namespace === undefined,
    'a namespace goes with labels, not with hosts',
  );

/** Pods by their labels; with `to`, the link from those pods to others. */
export const chaosMeshComponent = z.strictObject({
  provider: z.literal('chaos-mesh'),
  namespace,
  labels,
  container: z
    .string()
    .regex(dnsLabel)
    .optional()
    .describe('left out: the one of the annotation kubectl.kubernetes.io/default-container, else the first'),
  to: farEnd.optional().describe('makes it a link: what partition, latency, loss and bandwidth apply to'),
  context: z.string().min(1).optional().describe("left out: kubectl's current context"),
  atMost: fraction
    .refine((share) => share > 0 && share <= 1, 'between 0% (exclusive) and 100%')
    .default(0.5)
    .describe('the largest share of the ready pods that one fault may hit; a link is hit as a whole'),
});

export type ChaosMeshComponent = z.output<typeof chaosMeshComponent>;

/** The pods at the far end of a link; undefined where it is not a link, or leads out of the cluster. */
export function farPods({ namespace, to }: ChaosMeshComponent) {
  return to?.labels === undefined ? undefined : { namespace: to.namespace ?? namespace, labels: to.labels };
}
