import type { KubeConfig } from '@kubernetes/client-node';
import { type Call, type Client, makeCall } from './call.ts';
import type { Caller } from './errors.ts';
import { loadKubeConfig } from './kubeconfig.ts';

/** A cluster that can be called. */
export interface Connection {
  readonly context: string;
  readonly server: string;
  readonly k8s: Client;
  readonly config: KubeConfig;
  readonly call: Call;
}

/** @throws ProviderError when there is no usable kubeconfig. Makes no call yet. */
export async function openConnection(
  wanted: { readonly context?: string | undefined; readonly kubeconfig?: string | undefined },
  caller?: Caller,
): Promise<Connection> {
  // Lazily: the client costs most of a second, and a drill on local processes has no use for it.
  const k8s = await import('@kubernetes/client-node');
  const config = loadKubeConfig(k8s, wanted);
  const { server = 'no server' } = config.getCurrentCluster() ?? {};
  return { context: config.getCurrentContext(), server, k8s, config, call: makeCall(k8s, config, caller) };
}
