import { deadline } from '../../deadline.ts';
import type { FaultRequest, Provider, UndoRecord } from '../../provider.ts';
import type { Component, Environment } from '../../schema/environment.ts';
import { readUndoData } from '../../undo-data.ts';
import { type Cluster, connect } from './cluster.ts';
import type { ChaosMeshComponent } from './component.ts';
import { refuse } from './errors.ts';
import { prepareObject } from './fault.ts';
import { readProbe } from './probe.ts';
import { findObjects } from './residue.ts';
import { resolveTargets } from './resolve.ts';
import { prepareRollout } from './rollout.ts';
import {
  deleteObject,
  type ObjectPlace,
  objectPlace,
  outOfReach,
  UNDO_ACTION,
  UNDO_ANSWERS_WITHIN_MS,
} from './undo.ts';
import { watchUse } from './use/watch.ts';
import { exportWorkflow } from './workflow.ts';

/** Faults on a Kubernetes cluster, done by Chaos Mesh 2.8. The client is loaded at the first call. */
export function createChaosMeshProvider(): Provider {
  const clusters = new Map<string, Promise<Cluster>>();
  /** One client per context and kubeconfig; a failed attempt is not kept. */
  function clusterOf(wanted: {
    context?: string | undefined;
    kubeconfig?: string | undefined;
  }): Promise<Cluster> {
    const key = JSON.stringify([wanted.context, wanted.kubeconfig, process.env.KUBECONFIG]);
    const known = clusters.get(key) ?? connect(wanted);
    clusters.set(key, known);
    known.catch(() => clusters.delete(key));
    return known;
  }

  const matched = new Set<string>();

  return {
    name: 'chaos-mesh',
    async resolve(request, signal) {
      const component = ours(request);
      return await resolveTargets(await clusterOf(component), request, component, signal);
    },
    async open() {
      return {
        watchUse(request) {
          const component = ours(request);
          return watchUse(clusterOf(component), request, component);
        },
        async prepare(request, targets, signal) {
          const component = ours(request);
          const cluster = await clusterOf(component);
          const prepare = request.fault.kind === 'rollout' ? prepareRollout : prepareObject;
          return await prepare(cluster, request, component, targets, signal);
        },
        async close() {},
      };
    },
    async undo(record, signal) {
      if (record.action !== UNDO_ACTION)
        return { state: 'failed', detail: `chaos-mesh does not know the undo ${record.action}` };
      let place: ObjectPlace;
      try {
        place = readUndoData(objectPlace, record);
      } catch (error) {
        return { state: 'failed', detail: (error as Error).message };
      }
      try {
        return await deleteObject(await clusterOf(place), place, deadline(UNDO_ANSWERS_WITHIN_MS, signal));
      } catch (error) {
        return outOfReach((error as Error).message);
      }
    },
    async probe(request, signal) {
      const component = isOurs(request.component);
      if (component === undefined)
        throw refuse(`${request.probe.component} is not on a cluster`, 'ask its provider');
      return await readProbe(await clusterOf(component), request, component, matched, signal);
    },
    async findResidue({ environment, run }, signal) {
      const found: UndoRecord[] = [];
      for (const [context, components] of byContext(environment)) {
        found.push(...(await findObjects(await clusterOf({ context }), components, run, signal)));
      }
      return found;
    },
    exportDrill: exportWorkflow,
  };
}

function ours({ component, componentName }: FaultRequest): ChaosMeshComponent {
  const found = isOurs(component);
  if (found === undefined) throw refuse(`component ${componentName} is not on a cluster`, 'ask its provider');
  return found;
}

function isOurs(component: Component): ChaosMeshComponent | undefined {
  return component.provider === 'chaos-mesh' ? component : undefined;
}

function byContext(environment: Environment): Map<string | undefined, ChaosMeshComponent[]> {
  const groups = new Map<string | undefined, ChaosMeshComponent[]>();
  for (const component of Object.values(environment.components)) {
    if (component.provider !== 'chaos-mesh') continue;
    groups.set(component.context, [...(groups.get(component.context) ?? []), component]);
  }
  return groups;
}
