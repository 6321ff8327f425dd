import { pause } from '../runtime/clock.ts';
import { durationFrom, textFrom, urlFrom } from '../runtime/env.ts';
import { http } from '../runtime/k6.ts';
import { request } from '../runtime/target.ts';

/** Where a deployment is started: a pipeline's webhook, or the target's own control plane. Null: somebody else starts it. */
const url =
  textFrom('DEPLOY_URL', '') === '' ? null : urlFrom('DEPLOY_URL', 'http://127.0.0.1:9050/deployments');
const body = textFrom('DEPLOY_BODY', '{}');
const afterMs = durationFrom('DEPLOY_AFTER', 10_000);

/** Starts the deployment when its time has come. One that is refused is told; without a second version the run proves nothing. */
export const deploy = async (): Promise<void> => {
  if (url === null) return;
  await pause(afterMs);
  const headers = { 'Content-Type': 'application/json' };
  const { status } = await http.asyncRequest('POST', url, body, { ...request({ name: 'deploy' }), headers });
  if (status < 200 || status > 299) console.error(`the deployment was not started: ${status} from ${url}`);
};
