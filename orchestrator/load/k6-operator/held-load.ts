import { readFileSync } from 'node:fs';
import path from 'node:path';
import { labelValue, objectLabels, objectName } from '../../../chaos/kubernetes/naming.ts';
import { openSampleStream } from '../../samples/record/stream.ts';
import type { StreamEnd } from '../../samples/types.ts';
import { K6_SETTINGS, WITH_VARIABLES } from '../k6/environment.ts';
import { inspectScript } from '../k6/inspect.ts';
import { tagsOf } from '../k6/k6.ts';
import { pipeOf, removePipe } from '../k6/pipes.ts';
import type { HeldLoad, LoadExit, LoadStart } from '../runner.ts';
import { bundleOf } from './bundle.ts';
import { bundleParts } from './bundle-parts.ts';
import { connectLoad } from './cluster.ts';
import { followLogs } from './logs.ts';
import { runnersOfLoad } from './runners-of-load.ts';
import { brokenThresholds, type ScriptThreshold, scriptThresholds } from './script-thresholds.ts';
import { settingsOf } from './settings.ts';
import { SAMPLES_PIPE } from './sidecar.ts';
import { ARCHIVE, testRun } from './test-run.ts';
import { deleteLoad, loadUndoRecord, placeOf } from './undo.ts';

/**
 * Gets everything ready for a load on the cluster and touches nothing there before `go`: its undo can be armed first.
 * @throws ProviderError when the script is too large or the cluster is not configured
 */
export async function startOnCluster(start: LoadStart): Promise<HeldLoad> {
  const { load, index, directory } = start;
  const settings = settingsOf(load);
  const { namespace, parallelism, image, context } = settings;
  const cluster = await connectLoad({ context });
  const bundle = await bundleOf({ k6: start.k6, script: load.script, vars: load.vars });
  const name = objectName(start.run, `load-${index}`);
  const labels = objectLabels(start.run, `load-${index}`);
  const place = placeOf(cluster, { namespace, name, run: labelValue(start.run) });
  const parts = Array.from({ length: parallelism }, (_, i) => ({
    name: `runner ${i + 1}`,
    fifo: pipeOf(directory, index, i + 1),
  }));
  const stream = await openSampleStream({ ...start.samples, parts });
  const logs = followLogs(cluster, path.join(directory, `k6-${index}.log`), start.redact);
  const runners = runnersOfLoad({
    cluster,
    settings,
    name,
    stream,
    fifos: parts.map(({ fifo }) => fifo),
    logs,
  });
  const thresholds = load.judgesThresholds ? await thresholdsOf(start) : [];
  const ended = runners.ended.then(async (exit): Promise<LoadExit> => {
    const said = await logs.finish();
    if (exit.exitCode !== 0 || thresholds.length === 0) return { ...exit, ...said };
    // Of all runners together, and with k6's own exit code for it.
    const { complete } = await stream.end;
    const broken = complete ? await brokenThresholds(start.samples.recording, thresholds) : [];
    if (broken.length === 0) return { ...exit, ...said };
    return {
      ...exit,
      ...said,
      exitCode: CROSSED,
      lastError: `thresholds were crossed: ${broken.join('; ')}`,
    };
  });
  let stopping: Promise<void> | null = null;

  return {
    pid: null,
    k6: `${parallelism} × ${image}`,
    undo: loadUndoRecord(place),
    undoAtEnd: true,
    samples: {
      ...stream,
      // One stream that breaks off is the end of all: what is missing may be what matters.
      end: Promise.race([runners.lost.then(incomplete), stream.end.then(unlessLost)]),
      finish: async () => unlessLost(await stream.finish()),
    },
    runners: stream.begun.then((begun) => {
      if (begun === null || begun.some(({ at }) => at === null)) return null;
      return {
        allAt: Math.max(...begun.map(({ at }) => at ?? 0)),
        runners: begun.map(({ at, setupRequests }, i) => {
          const { place: where, clock, isHere } = runners.list[i] as (typeof runners.list)[number];
          return {
            name: `runner ${i + 1}`,
            place: where,
            beganAt: at,
            clockOffsetMs: clock?.offsetMs ?? 0,
            plusMinusMs: clock?.plusMinusMs ?? 0,
            setupRequests,
            ...(isHere ? { here: true } : {}),
          };
        }),
      };
    }),
    go: () => void create().catch((cause: Error) => runners.fail(cause.message)),
    stop: () => {
      stopping ??= stopAll();
      return stopping;
    },
    ended,
    close() {
      for (const { fifo } of parts) removePipe(fifo);
    },
  };

  async function create(): Promise<void> {
    const signal = runners.signal;
    const metadata = { namespace, name, labels };
    await cluster.create({ sort: 'secrets', body: { metadata, stringData: load.vars } }, signal);
    const parts = await createBundle(signal);
    const env = { ...K6_SETTINGS, K6_CSV_FILENAME: SAMPLES_PIPE };
    const body = testRun({ name, labels, settings, parts, arguments: k6Arguments(), env });
    await cluster.create({ sort: 'testruns', body }, signal);
    runners.watch();
  }

  /** @returns the names of its ConfigMaps, in their order */
  async function createBundle(signal: AbortSignal): Promise<string[]> {
    const [first, ...others] = bundleParts(bundle, { namespace, name });
    const create = ({ bytes, ...at }: typeof first, owners: object) =>
      cluster.create(
        {
          sort: 'configmaps',
          body: {
            metadata: { ...at, labels, ...owners },
            binaryData: { [ARCHIVE]: bytes.toString('base64') },
          },
        },
        signal,
      );
    const uid = await create(first, {});
    // Whoever deletes the first by hand has deleted all.
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name, uid }];
    for (const other of others) await create(other, { ownerReferences });
    return [first, ...others].map((part) => part.name);
  }

  function k6Arguments(): string[] {
    return [
      '--no-color',
      '--no-usage-report',
      '--log-format=json',
      '--log-output=stderr',
      WITH_VARIABLES,
      // Each runner sees a part of the samples: what its thresholds say of them means nothing.
      '--no-thresholds',
      '--summary-mode=disabled',
      `--system-tags=${tagsOf(load).join(',')}`,
      '--out=csv',
    ];
  }

  async function stopAll(): Promise<void> {
    runners.stopping();
    await deleteLoad(cluster, place, AbortSignal.timeout(STOP_DEADLINE_MS)).catch(() => {});
    runners.stopped();
    await ended;
  }

  function unlessLost(end: StreamEnd): StreamEnd {
    const why = runners.problem();
    return why === null ? end : { ...end, complete: false, detail: why };
  }
}

const STOP_DEADLINE_MS = 45_000;
/** k6's exit code for thresholds that were crossed. */
const CROSSED = 99;

async function thresholdsOf({ k6, load }: LoadStart): Promise<readonly ScriptThreshold[]> {
  const { thresholds } = await inspectScript({ k6, script: load.script, vars: load.vars });
  return scriptThresholds(thresholds, readFileSync(load.script, 'utf8'));
}

function incomplete(detail: string): StreamEnd {
  return { complete: false, detail, samples: 0 };
}
