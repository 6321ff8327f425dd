import path from 'node:path';
import { slug } from './sources/slug.ts';
import type { ListenerView } from './types.ts';

const INTERPRETERS =
  /^(node|nodejs|bun|deno|python[\d.]*|ruby[\d.]*|java|php[\d.]*|perl|dotnet|MainThread|sh|bash)$/;
const SAYS_NOTHING = /^(index|main|server|app|cli|start|run|bin|dist|src|lib|build|www|manage)$/i;

/** What to call a system of which only a process is known: its program, or what an interpreter runs. */
export function nameOfProcess(found: NonNullable<ListenerView['process']>): string {
  const { program, command, directory } = found;
  const first = path.basename(command[0] ?? '');
  if (!INTERPRETERS.test(program) && !INTERPRETERS.test(first)) return slug(program);
  const script = command.slice(1).find((one) => !one.startsWith('-')) ?? '';
  const packed = /node_modules\/(?:\.bin\/)?((?:@[^/]+\/)?[^/]+)/.exec(script)?.[1];
  if (packed !== undefined) return slug(packed.replace(/^@[^/]+\//, ''));
  const parts = script
    .split('/')
    .filter((one) => one !== '')
    .reverse();
  const telling = parts
    .map((one) => one.replace(/\.\w+$/, ''))
    .find((one) => one !== '' && !SAYS_NOTHING.test(one));
  return slug(telling ?? path.basename(directory ?? '') ?? '', slug(first));
}
