import { isExempt, proxyByVariables } from '../../chaos/proxy.ts';

export interface ProxySettings {
  readonly proxy?: string | undefined;
  readonly noProxy?: readonly string[] | undefined;
}

/** Through which proxy a request goes; null: none. The environment's own settings first, then the variables of the caller. */
export function proxyFor(url: URL, settings: ProxySettings, env: NodeJS.ProcessEnv): string | null {
  if (settings.noProxy !== undefined && isExempt(url, settings.noProxy)) return null;
  return settings.proxy ?? proxyByVariables(url, env) ?? null;
}
