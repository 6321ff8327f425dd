import { z } from 'zod';
import { faultKinds } from '../faults/index.ts';
import { alertMatch, componentName, name, variables } from '../fields/names.ts';
import { said } from '../fields/said.ts';
import { durationMs, fraction, positiveDurationMs } from '../fields/units.ts';
import { objective, phaseName } from './objective.ts';

const load = z
  .strictObject({
    scenario: name.optional().describe('a bundle: build/<scenario>.js'),
    script: z
      .string()
      .min(1)
      .max(1_024)
      .optional()
      .describe('any k6 script, relative to this file; runs unchanged'),
    vars: variables.describe('handed to the script as -e'),
  })
  .refine(
    (l) => (l.scenario === undefined) !== (l.script === undefined),
    said('a load is either a scenario or a script', 'say exactly one of `scenario:` and `script:`'),
  );

const expectations = z.strictObject({
  detectWithin: positiveDurationMs.optional().describe('an alert about the component arrives in this time'),
  recoverWithin: positiveDurationMs.optional().describe('good requests again, for good, in this time'),
  downtimeBelow: positiveDurationMs
    .optional()
    .describe('from the last good request before to the first good one after'),
  failedRequestsBelow: z.int().min(1).optional(),
  unnoticed: z
    .boolean()
    .optional()
    .describe('no request has to notice it, also where the use of the component cannot be measured'),
});

const faultCommon = {
  name,
  component: componentName.describe('what it hits, by its name in the environment'),
  at: durationMs.describe('after the first sample of the load'),
  expect: expectations.default({}),
};

/** `for` is required for kinds that last and refused for those that do not. */
const lasting = { ...faultCommon, for: positiveDurationMs.describe('how long it stays') };

export const drillFault = z.discriminatedUnion('kind', [
  z.strictObject({ ...faultCommon, kind: z.literal('kill'), params: faultKinds.kill.params.prefault({}) }),
  z.strictObject({
    ...faultCommon,
    kind: z.literal('failover'),
    params: faultKinds.failover.params.prefault({}),
  }),
  z.strictObject({ ...lasting, kind: z.literal('freeze'), params: faultKinds.freeze.params.prefault({}) }),
  z.strictObject({
    ...lasting,
    kind: z.literal('partition'),
    params: faultKinds.partition.params.prefault({}),
  }),
  z.strictObject({ ...lasting, kind: z.literal('latency'), params: faultKinds.latency.params }),
  z.strictObject({ ...lasting, kind: z.literal('stress'), params: faultKinds.stress.params }),
  z.strictObject({
    ...faultCommon,
    kind: z.literal('container-kill'),
    params: faultKinds['container-kill'].params.prefault({}),
  }),
  z.strictObject({
    ...faultCommon,
    kind: z.literal('rollout'),
    params: faultKinds.rollout.params.prefault({}),
  }),
  z.strictObject({ ...lasting, kind: z.literal('loss'), params: faultKinds.loss.params }),
  z.strictObject({ ...lasting, kind: z.literal('bandwidth'), params: faultKinds.bandwidth.params }),
  z.strictObject({ ...lasting, kind: z.literal('io'), params: faultKinds.io.params }),
  z.strictObject({ ...lasting, kind: z.literal('dns'), params: faultKinds.dns.params }),
  z.strictObject({ ...lasting, kind: z.literal('http'), params: faultKinds.http.params }),
  z.strictObject({ ...lasting, kind: z.literal('time'), params: faultKinds.time.params }),
]);

const afterFault = name.describe('the fault whose injection starts the clock');

/** Asked of the component's provider (Provider.probe), again and again until it holds or its time is up. */
const componentProbe = {
  name,
  component: componentName,
  within: positiveDurationMs,
  after: afterFault
    .optional()
    .describe('the fault whose injection starts the clock; left out: the first sample of the load'),
};

const probe = z.discriminatedUnion('kind', [
  z.strictObject({
    name,
    kind: z.literal('alert'),
    match: alertMatch,
    within: positiveDurationMs,
    after: afterFault,
  }),
  z
    .strictObject({
      name,
      kind: z.literal('http'),
      url: z.url({
        protocol: /^https?$/,
        error: (issue) =>
          issue.input === undefined
            ? undefined
            : said('must be an http or https URL', 'write for example http://127.0.0.1:9000/health'),
      }),
      status: z.int().min(100).max(599).default(200),
      within: positiveDurationMs,
      after: afterFault,
    })
    .describe('the URL answers with this status; asked again and again, 2 s for each attempt'),
  z
    .strictObject({
      ...componentProbe,
      kind: z.literal('replicas'),
      atLeast: z.int().min(1).optional(),
      atMost: z.int().min(0).optional(),
    })
    .refine(
      (p) => p.atLeast !== undefined || p.atMost !== undefined,
      said('a number of replicas needs a bound', 'say atLeast, atMost or both'),
    )
    .refine(
      (p) => p.atLeast === undefined || p.atMost === undefined || p.atLeast <= p.atMost,
      said('atLeast is more than atMost: nothing is both', 'swap the two'),
    )
    .describe('so many replicas of the component are ready'),
  z
    .strictObject({ ...componentProbe, kind: z.literal('rollout') })
    .describe('a rollout of the component is complete: every replica is of the newest revision and ready'),
  z
    .strictObject({ ...componentProbe, kind: z.literal('ready-within') })
    .describe('as many replicas are ready as the component wants'),
]);

const stop = z.union(
  [
    z
      .strictObject({
        errors: z.literal(true),
        above: fraction.refine((share) => share < 1, said('can never be reached', 'write less than 100%')),
        for: positiveDurationMs,
      })
      .describe('the share of failed requests; a target that answers nobody for so long counts, too'),
    z.strictObject({
      percentile: z.number().gt(0).lt(100),
      above: positiveDurationMs,
      for: positiveDurationMs,
    }),
    z
      .strictObject({
        burn: z.string().min(1).describe('an availability objective of this drill'),
        above: z.number().gt(0).describe('1 spends the budget exactly over its window'),
        for: positiveDurationMs.refine(
          (ms) => ms <= 3_600_000,
          said('is longer than an hour', 'write a window of at most 1h'),
        ),
      })
      .describe('the error budget burns that many times too fast, measured over `for`'),
    z.strictObject({ alert: alertMatch }),
  ],
  {
    error: said(
      'a stop condition watches exactly one thing',
      'say `errors: true`, `percentile: 95` or `burn: <availability objective>` with `above` and `for`, or `alert` with labels',
    ),
  },
);

export const drill = z.strictObject({
  name,
  description: z.string().max(2_000).optional(),
  load: z.array(load).min(1).max(16).describe('k6 runs that make the traffic, all from the start'),
  steady: z
    .strictObject({ for: positiveDurationMs })
    .prefault({ for: '10s' })
    .describe('objectives must hold this long before the first fault, else the run is INVALID'),
  faults: z.array(drillFault).max(100).default([]),
  objectives: z
    .array(
      z.union([z.strictObject({ use: name, phase: phaseName.optional() }), objective], {
        error: said(
          'an objective measures exactly one thing',
          'say one of percentile, errors, throughput, availability, counter, rate (or `use: <set>` from thresholds/)',
        ),
      }),
    )
    .min(1, said('without an objective nothing can fail', 'add one, for example `- use: gateway`'))
    .max(500),
  probes: z.array(probe).max(100).default([]),
  writes: z.strictObject({ lost: z.int().min(0), duplicated: z.int().min(0).default(0) }).optional(),
  stop: z.array(stop).max(100).default([]),
});

export type Drill = z.output<typeof drill>;
export type DrillFault = z.output<typeof drillFault>;
export type DrillProbe = z.output<typeof probe>;
/** Probes that a provider answers. */
export type ComponentProbe = Extract<DrillProbe, { component: string }>;
export type StopCondition = z.output<typeof stop>;
export type DrillLoad = z.output<typeof load>;
