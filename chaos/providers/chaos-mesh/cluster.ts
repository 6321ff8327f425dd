import { openConnection } from '../../kubernetes/connection.ts';
import { type CoreCalls, coreCalls } from '../../kubernetes/core-calls.ts';
import { type ExecCalls, execCalls } from '../../kubernetes/exec.ts';
import { type ExecStreamCalls, execStreamCalls } from '../../kubernetes/exec-stream.ts';
import { caller } from './errors.ts';
import { type ObjectCalls, objectCalls } from './object-calls.ts';

/** What squall asks of a cluster with Chaos Mesh, and nothing more. */
export interface Cluster extends CoreCalls, ExecCalls, ExecStreamCalls, ObjectCalls {
  readonly context: string;
  readonly server: string;
}

/** @throws ProviderError when there is no usable kubeconfig. Makes no call yet. */
export async function connect(wanted: Parameters<typeof openConnection>[0]): Promise<Cluster> {
  const connection = await openConnection(wanted, caller);
  const { context, server } = connection;
  return {
    context,
    server,
    ...coreCalls(connection),
    ...execCalls(connection),
    ...execStreamCalls(connection),
    ...objectCalls(connection),
  };
}
