import { z } from 'zod';
import { message } from '../fields/message.ts';
import { positiveDurationMs } from '../fields/units.ts';
import { PROTECTED_NAMESPACES } from '../providers/chaos-mesh/component.ts';

const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** Of an image, without its version. What comes first is a host if it has a dot or a port. */
const repository =
  /^(localhost\/|[A-Za-z0-9-]+[.:][A-Za-z0-9.:-]*\/)?[a-z0-9]+([._-]+[a-z0-9]+)*(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/;
const label = z
  .string()
  .regex(/^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$/, 'not the value of a Kubernetes label');
const quantity = z
  .string()
  .regex(
    /^\d{1,9}(\.\d{1,3})?(m|k|M|G|Ki|Mi|Gi)?$/,
    message('must be a quantity of Kubernetes', 'write for example 500m, 2 or 512Mi'),
  );
const amounts = z.strictObject({ cpu: quantity.optional(), memory: quantity.optional() });

/** Load from several k6 on a Kubernetes cluster, by k6-operator. */
export const k6OperatorLoad = z.strictObject({
  runner: z.literal('k6-operator'),
  context: z.string().min(1).max(253).optional().describe("left out: kubectl's current context"),
  namespace: z
    .string()
    .regex(dnsLabel, 'a namespace has lower-case letters, digits and dashes, at most 63')
    .refine(
      (ns) => !PROTECTED_NAMESPACES.includes(ns),
      message('this namespace is protected', 'use one of your own'),
    )
    .describe('where the runners are; k6-operator has to watch it'),
  parallelism: z
    .int()
    .min(1)
    .max(100)
    .describe('how many runners share the load; the numbers of VUs must be multiples of it'),
  image: z
    .string()
    .max(500)
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._:/-]*(:[A-Za-z0-9_][\w.-]*|@sha256:[0-9a-f]{64})$/,
      message(
        'must name an image of k6 with its version',
        'write for example grafana/k6:1.8.1: what is not pinned is another k6 tomorrow',
      ),
    )
    .refine(
      (image) => !/:latest$/.test(image),
      message('`latest` is not a version', 'write for example grafana/k6:1.8.1'),
    )
    .refine(
      (image) => repository.test(image.replace(/@.*$/, '').replace(/:[^/]*$/, '')),
      message(
        'no image can have this name, in which all but the host is in lower case',
        'write for example grafana/k6:1.8.1 or registry.example.com:5000/load/k6:1.8.1',
      ),
    )
    .describe('k6 with a shell, as grafana/k6 has one; pinned'),
  resources: z
    .strictObject({ requests: amounts.optional(), limits: amounts.optional() })
    .optional()
    .describe('of each runner'),
  nodeSelector: z.record(z.string().max(317), label).optional(),
  separate: z.boolean().default(false).describe('each runner on a node of its own'),
  startWithin: positiveDurationMs
    .default(120_000)
    .describe('how long the runners may take until all of them send requests'),
});

export type K6OperatorSettings = z.output<typeof k6OperatorLoad>;

/** Of any load runner that has some; `runner` says whose they are. Several are a discriminated union. */
export const loadSettings = k6OperatorLoad;
export type LoadSettings = z.output<typeof loadSettings>;
