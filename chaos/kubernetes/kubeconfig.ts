import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { proxyFor } from '../proxy.ts';
import { refuse } from './errors.ts';
import { tokenFiles, withTokenFiles } from './token-file.ts';

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/**
 * The files of KUBECONFIG, else ~/.kube/config, else the service account of the pod that squall runs in. The client's own
 * default falls back to localhost:8080, which only hides what is missing.
 * @throws ProviderError when there is none, or the context is not in it
 */
export function loadKubeConfig(
  k8s: typeof import('@kubernetes/client-node'),
  wanted: { readonly context?: string | undefined; readonly kubeconfig?: string | undefined },
): KubeConfig {
  const config = new k8s.KubeConfig();
  const files = kubeconfigPath(wanted.kubeconfig)
    .split(delimiter)
    .filter((file) => file !== '');
  const present = files.filter((file) => existsSync(file));
  if (present.length > 0) load(k8s, config, present);
  else if (existsSync(SERVICE_ACCOUNT)) config.loadFromCluster();
  else {
    throw refuse(
      `no cluster is configured: ${files.join(', ')} does not exist`,
      'point KUBECONFIG to the kubeconfig of the cluster, or log in so that ~/.kube/config is written',
    );
  }
  if (wanted.context !== undefined) {
    const known = config.getContexts().map((context) => context.name);
    if (!known.includes(wanted.context)) {
      throw refuse(
        `the kubeconfig has no context ${JSON.stringify(wanted.context)}`,
        `use one of: ${known.join(', ') || '(it has none)'}`,
      );
    }
    config.setCurrentContext(wanted.context);
  }
  const cluster = config.getCurrentCluster();
  if (cluster === null) {
    throw refuse(
      'the kubeconfig does not say which cluster is meant: no current context',
      'run `kubectl config use-context …`, or set `context:` in the component',
    );
  }
  const proxyUrl = cluster.proxyUrl || proxyFor(cluster.server);
  if (proxyUrl) {
    config.clusters = config.clusters.map((one) => (one.name === cluster.name ? { ...one, proxyUrl } : one));
  }
  return config;
}

/**
 * Where the configuration is looked for, as one text: absolute, for it is kept in undo records, and whoever undoes them finds the
 * same cluster from any directory. What a record gives is taken as it is.
 */
export function kubeconfigPath(given: string | undefined): string {
  return given ?? absolute(process.env.KUBECONFIG || join(homedir(), '.kube', 'config'));
}

/** KUBECONFIG may be a list; empty parts of it mean nothing, and not this directory. */
function absolute(list: string): string {
  return list
    .split(delimiter)
    .filter((file) => file !== '')
    .map((file) => resolve(file))
    .join(delimiter);
}

/** Merged as kubectl does: of what several files name, and of the current contexts, the first counts. */
function load(
  k8s: typeof import('@kubernetes/client-node'),
  config: KubeConfig,
  files: readonly string[],
): void {
  config.addAuthenticator(tokenFiles);
  try {
    for (const file of files) {
      const content = parse(readFileSync(file, 'utf8'));
      // What `touch` has made says nothing.
      if (content === null) continue;
      const next = new k8s.KubeConfig();
      next.loadFromFile(file);
      config.clusters = withNew(config.clusters, next.clusters);
      config.users = withNew(config.users, withTokenFiles(next.users, content, dirname(file)));
      config.contexts = withNew(config.contexts, next.contexts);
      config.currentContext ||= next.currentContext;
    }
  } catch (cause) {
    throw refuse(
      `${files.join(', ')} is not a kubeconfig: ${(cause as Error).message}`,
      'see whether `kubectl config view` can read it',
    );
  }
}

function withNew<T extends { readonly name: string }>(known: readonly T[], more: readonly T[]): T[] {
  return [...known, ...more.filter(({ name }) => !known.some((one) => one.name === name))];
}
