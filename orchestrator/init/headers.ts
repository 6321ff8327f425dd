import type { FoundAuth } from './types.ts';

/** The headers that prove who asks, with the settings of the shell filled in. */
export function headersFrom(
  auth: FoundAuth | null,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const filled = (text: string) => text.replace(/\$\{(\w+)\}/g, (whole, name: string) => env[name] ?? whole);
  if (auth === null) return {};
  if ('bearer' in auth) return { authorization: `Bearer ${filled(auth.bearer)}` };
  if ('basic' in auth)
    return { authorization: `Basic ${Buffer.from(filled(auth.basic)).toString('base64')}` };
  return { [auth.header.toLowerCase()]: filled(auth.value) };
}
