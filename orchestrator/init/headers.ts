import type { FoundAuth, FoundRequest } from './types.ts';

type Settings = Readonly<Record<string, string | undefined>>;

/** The headers that prove who asks, with the settings of the shell filled in. */
export function headersFrom(auth: FoundAuth | null, env: Settings): Record<string, string> {
  if (auth === null) return {};
  if ('bearer' in auth) return { authorization: `Bearer ${filled(auth.bearer, env)}` };
  if ('basic' in auth)
    return { authorization: `Basic ${Buffer.from(filled(auth.basic, env)).toString('base64')}` };
  return { [auth.header.toLowerCase()]: filled(auth.value, env) };
}

/** A request as it is sent: keys may stand in its URL and its headers. */
export function withSettings({ path, headers, ...rest }: FoundRequest, env: Settings): FoundRequest {
  const names = Object.entries(headers ?? {}).map(([name, value]) => [name, filled(value, env)]);
  return { ...rest, path: filled(path, env), ...(headers && { headers: Object.fromEntries(names) }) };
}

function filled(text: string, env: Settings): string {
  return text.replace(/\$\{(\w+)\}/g, (whole, name: string) => env[name] ?? whole);
}
