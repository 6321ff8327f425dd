import type { Measurement, PlannedFile } from '../types.ts';
import { inComment } from './environment.ts';
import { type Facts, isFaultPossible, schemaLine, yamlText } from './facts.ts';

interface Timeline {
  readonly steadySeconds: number;
  readonly atSeconds: number;
  readonly forSeconds: number;
  /** Of the load from a file; a script has its own. */
  readonly loadSeconds: number;
}

/** A slow target gets half the rate, so that what waits does not pile up. */
const SLOW_MS = 500;
/** How often `init` asks while it measures. */
const MEASURED_PER_SECOND = 10;

/** `chaos/drills/<name>-<fault>.yaml`: load, a steady state, and one fault where one can be done safely. */
export function drillFile(facts: Facts): PlannedFile & { readonly kind: string } {
  const { name, component, schemas, script, measurement } = facts;
  const folder = 'chaos/drills';
  const fault = isFaultPossible(facts) ? faultOf(facts) : null;
  const time = timelineOf(facts);
  const rate = rateFor(measurement);
  const kind = fault?.kind ?? 'load';
  return {
    kind,
    file: `${folder}/${name}-${kind}.yaml`,
    text: [
      schemaLine(folder, schemas, 'drill'),
      `name: ${name}-${kind}`.slice(0, 69),
      `description: ${fault === null ? `${name} keeps its promises under load.` : `${name} is back soon after ${fault.words}.`}`,
      'load:',
      ...(script === null
        ? [
            `  - requests: ../requests/${name}.yaml`,
            `    vars: { RATE: "${rate}", DURATION: ${time.loadSeconds}s }`,
          ]
        : [`  - script: ${yamlText(`../../${script.file}`)}`]),
      `steady: { for: ${time.steadySeconds}s }   # the promises of thresholds/${name}.ts must hold this long first`,
      ...(fault === null || component === null
        ? [`# No fault: ${inComment(facts.noFault ?? 'nothing was found that could be hit.')}`]
        : [
            'faults:',
            `  - name: ${fault.name}`,
            `    kind: ${fault.kind}`,
            `    component: ${yamlText(component.name)}`,
            `    at: ${time.atSeconds}s`,
            ...(fault.lasts ? [`    for: ${time.forSeconds}s`] : []),
            ...(component.form === 'link'
              ? []
              : [
                  '    params: { lastHealthy: true }   # there is one of it, so the system is down meanwhile',
                ]),
            `    expect: { recoverWithin: ${fault.recoverWithin}, downtimeBelow: ${fault.downtimeBelow} }`,
          ]),
      ...eventsOf(facts),
      'objectives:',
      `  - use: ${yamlText(name)}`,
      '',
    ].join('\n'),
  };
}

/** Requests a second; half of what a system takes that limits how often it is asked. */
export function rateFor(measurement: Measurement | null): number {
  if (measurement === null || measurement.asked === 0) return 20;
  const { asked, failed, limited, p95Ms } = measurement;
  if (limited > 0) return Math.max(1, Math.floor((MEASURED_PER_SECOND * (asked - failed)) / asked / 2));
  return p95Ms > SLOW_MS ? 10 : 20;
}

/** A script that sends no HTTP says in its own metrics when it was served: outages are found there. */
function eventsOf({ script }: Facts): string[] {
  if (script === null || script.http || script.other === 'grpc_req_duration') return [];
  const counter = script.other === null ? [] : [`  - { counter: ${script.other} }`];
  const streams =
    script.rates.length > 0 ? script.rates.map((rate) => `  - { rate: ${yamlText(rate)} }`) : counter;
  return streams.length === 0
    ? []
    : ['events:   # outages are found in these, as in HTTP requests', ...streams];
}

function faultOf({ component }: Facts) {
  const lasting = { lasts: true, recoverWithin: '15s', downtimeBelow: '20s' };
  if (component?.form === 'link')
    return { ...lasting, kind: 'partition', name: 'cut-off', words: 'it could not be reached for a while' };
  if (component?.kill)
    return {
      kind: 'kill',
      name: 'killed',
      words: 'its process was killed',
      lasts: false,
      recoverWithin: '30s',
      downtimeBelow: '30s',
    };
  return { ...lasting, kind: 'freeze', name: 'frozen', words: 'its process stood still for a while' };
}

/** With a script of T seconds: the first third is for the steady state, and the end for the recovery. */
function timelineOf({ script, component }: Facts): Timeline {
  if (script === null) {
    const kills = component?.form === 'process' && component.kill !== null;
    return { steadySeconds: 15, atSeconds: 17, forSeconds: 5, loadSeconds: kills ? 60 : 45 };
  }
  const seconds = Math.floor((script.durationMs ?? 10_000) / 1000);
  const steadySeconds = Math.max(1, Math.min(15, Math.floor(seconds / 3)));
  return { steadySeconds, atSeconds: steadySeconds + 1, forSeconds: 5, loadSeconds: seconds };
}

/** Shorter scripts leave no time for a steady state, a fault and a recovery. */
export const SHORTEST_SCRIPT_SECONDS = 24;
