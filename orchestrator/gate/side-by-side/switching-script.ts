import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { RefusalError } from '../../refusal.ts';
import type { Side } from './slot-order.ts';

/** The tag of each request's slot: `<number>.<side>.<start of the slot, epoch ms>`. */
export const SLOT_TAG = 'squall_slot';
/** Variables of one side only, in the environment of k6. */
export const PREFIX: Readonly<Record<Side, string>> = { baseline: 'SQUALL_B_', candidate: 'SQUALL_C_' };

export interface SlotPlan {
  readonly order: readonly Side[];
  /** So many at the beginning of `order` warm the sides up. Their numbers are negative. */
  readonly warmUp: number;
  readonly lengthMs: number;
}

/**
 * Writes a k6 script that runs any script, unchanged, against both sides by turns: the script is in it twice, and each copy sees the
 * variables of its side in `__ENV`. An iteration belongs to the slot in which it begins, and so do its requests. All scenarios of the script
 * must have a constant arrival rate; their duration becomes that of all slots.
 * @returns the file
 * @throws RefusalError when the script cannot be bundled
 */
export async function writeSwitchingScript(
  script: string,
  directory: string,
  slots: SlotPlan,
): Promise<string> {
  await mkdir(directory, { recursive: true });
  const exported = new Set<string>();
  for (const side of ['baseline', 'candidate'] as const) {
    const { outputs } = await bundle(script, side, directory);
    for (const { exports } of Object.values(outputs)) for (const name of exports) exported.add(name);
  }
  const file = path.join(directory, 'side-by-side.js');
  await writeFile(file, switching([...exported], slots));
  return file;
}

async function bundle(script: string, side: Side, directory: string) {
  const options: BuildOptions & { metafile: true } = {
    entryPoints: [script],
    outfile: path.join(directory, `${side}.js`),
    bundle: true,
    format: 'esm',
    target: 'es2020',
    external: EXTERNAL,
    plugins: [ownSharedArrays(side)],
    // The copy has its own variables, and files are still beside the script that it was made of.
    define: { __ENV: 'squallEnv', open: 'squallOpen' },
    banner: { js: banner(side, path.dirname(script)) },
    metafile: true,
    logLevel: 'silent',
  };
  try {
    return (await build(options)).metafile;
  } catch (error) {
    throw cannotBundle(script, error as Error);
  }
}

export const EXTERNAL = ['k6', 'k6/*', 'https://*', 'http://*'];

export function cannotBundle(script: string, error: Error): RefusalError {
  return new RefusalError(`${script} cannot be bundled: ${error.message}`);
}

/** k6 keeps SharedArrays by their names in all of its process: the second copy would get what the first one read with its variables. */
function ownSharedArrays(side: Side): Plugin {
  const contents = `import { SharedArray as Shared } from 'k6/data';
export function SharedArray(name, make) { return new Shared('${side} ' + name, make); }
export default { SharedArray };`;
  return {
    name: 'squall-shared-arrays',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^k6\/data$/ }, ({ path: module, namespace }) =>
        namespace === SHARED ? { path: module, external: true } : { path: module, namespace: SHARED },
      );
      onLoad({ filter: /./, namespace: SHARED }, () => ({ contents }));
    },
  };
}

const SHARED = 'squall-shared';

function banner(side: Side, directory: string): string {
  return `const squallEnv = { ...__ENV };
for (const name of Object.keys(__ENV)) {
  if (name.startsWith('${PREFIX[side]}')) squallEnv[name.slice(${PREFIX[side].length})] = __ENV[name];
}
const squallOpen = (file, ...mode) => open(/^([a-z]+:|\\/)/.test(file) ? file : ${JSON.stringify(directory)} + '/' + file, ...mode);`;
}

function switching(exported: readonly string[], { order, warmUp, lengthMs }: SlotPlan): string {
  const functions = exported.filter((name) => !SPECIAL.has(name));
  const each = (name: string) =>
    `{ baseline: baseline.${name} ? baseline.${name}(BASELINE) : null, candidate: candidate.${name} ? candidate.${name}(CANDIDATE) : null }`;
  const life = [
    ...(exported.includes('setup')
      ? [`export function setup() { return ${each('setup').replace(/BASELINE|CANDIDATE/g, '')}; }`]
      : []),
    ...(exported.includes('teardown')
      ? [
          `export function teardown(data) { void (${each('teardown').replace('BASELINE', 'data?.baseline').replace('CANDIDATE', 'data?.candidate')}); }`,
        ]
      : []),
  ];
  return `import exec from 'k6/execution';
import * as baseline from './baseline.js';
import * as candidate from './candidate.js';

const sides = { baseline, candidate };
const order = ${JSON.stringify(order.map((side) => side[0]).join(''))};
const lengthMs = ${lengthMs};

export const options = optionsOf(baseline.options ?? {});
${life.join('\n')}
${functions.map((name) => (name === 'default' ? "export default bySlot('default');" : `export const ${name} = bySlot('${name}');`)).join('\n')}

function bySlot(name) {
  return (data) => {
    const from = exec.scenario.startTime;
    const slot = Math.floor((Date.now() - from) / lengthMs);
    if (slot >= order.length) return;
    const side = order[slot] === 'b' ? 'baseline' : 'candidate';
    exec.vu.metrics.tags.${SLOT_TAG} = (slot - ${warmUp}) + '.' + side + '.' + (from + slot * lengthMs);
    sides[side][name](data?.[side]);
  };
}

function optionsOf({ scenarios, thresholds, ...options }) {
  const all = Object.entries(scenarios ?? {});
  if (all.length === 0) throw new Error('the gate compares at constant arrival rates: this script has no scenarios');
  const duration = order.length * lengthMs + 'ms';
  const constant = ([name, scenario]) => {
    if (scenario.executor !== 'constant-arrival-rate')
      throw new Error('the gate compares at constant arrival rates: the scenario ' + name + ' is ' + scenario.executor);
    return [name, { ...scenario, duration, startTime: '0s' }];
  };
  return { ...options, scenarios: Object.fromEntries(all.map(constant)) };
}
`;
}

const SPECIAL = new Set(['options', 'setup', 'teardown', 'handleSummary']);
