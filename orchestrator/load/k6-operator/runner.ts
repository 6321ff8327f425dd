import { readFileSync } from 'node:fs';
import { notPassedOn } from '../k6/environment.ts';
import { asksOf, inspectScript } from '../k6/inspect.ts';
import { removePipes } from '../k6/pipes.ts';
import type { LoadRunner, LoadShape, ScriptToInspect } from '../runner.ts';
import { bundleOf } from './bundle.ts';
import { checkCluster } from './check.ts';
import { connectLoad } from './cluster.ts';
import { startOnCluster } from './held-load.ts';
import { findLoads } from './residue.ts';
import { scriptThresholds } from './script-thresholds.ts';
import { settingsOf } from './settings.ts';
import { checkShares } from './shares.ts';
import { tryImage } from './try-image.ts';
import { K6_OPERATOR, undoLoad } from './undo.ts';

/** Runs several k6 on a Kubernetes cluster as one load, by k6-operator, and reads their samples through the API server. */
export const k6OperatorRunner: LoadRunner = {
  name: K6_OPERATOR,
  inspect,
  async tryOut({ load, ...trial }) {
    const settings = settingsOf(load);
    return await tryImage(await connectLoad({ context: settings.context }), settings, trial);
  },
  notPassedOn,
  start: startOnCluster,
  undo: undoLoad,
  removeLeftovers: removePipes,
  findResidue: findLoads,
};

const CHECK_DEADLINE_MS = 20_000;

async function inspect(script: ScriptToInspect): Promise<LoadShape> {
  const settings = settingsOf(script);
  const { scenarios, thresholds, ...shape } = await inspectScript(script);
  checkShares(scenarios, settings.parallelism, script.script);
  if (script.judgesThresholds !== false) scriptThresholds(thresholds, readFileSync(script.script, 'utf8'));
  // Made again when the load starts: whether it is too large should be known before anything is touched.
  await bundleOf(script);
  const cluster = await connectLoad({ context: settings.context });
  await checkCluster(cluster, settings, AbortSignal.timeout(CHECK_DEADLINE_MS));
  return { ...shape, thresholds: asksOf(thresholds) };
}
