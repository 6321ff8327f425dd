import { readFileSync } from 'node:fs';
import type { ProcessIdentity, ProcessStat } from '../../../process-identity.ts';
import { HIDDEN, isTellingName, KNOWN_TOKEN, passwordsOf } from '../../../secret-texts.ts';
import { argumentsOf, startedAt, userOf } from './process-facts.ts';
import { type ProcessTable, readTable } from './process-table.ts';
import { treeOf } from './process-tree.ts';
import { formatEndpoint, oneOfEachNetwork, socketInodesOf, type TcpSocket, tcpSocketsOf } from './sockets.ts';

/** A command line may be longer than a page. */
const MOST_CHARACTERS = 160;
const MOST_NAMED = 8;

/** What a fault on this process would hit, for a person who is to decide: command line, user, tree, ports, who is connected. */
export function describeTree(root: ProcessIdentity, alone: boolean, table = readTable()): string[] {
  const { members } = treeOf(root, table);
  const others = members.filter(({ pid }) => pid !== root.pid);
  const hit = alone ? members.filter(({ pid }) => pid === root.pid) : members;
  const named = others.slice(0, MOST_NAMED).map(({ pid }) => `${pid} (${commandOf(pid, 40)})`);
  if (others.length > MOST_NAMED) named.push(`${others.length - MOST_NAMED} more`);
  const verb = alone ? 'does not hit (only: parent)' : 'with its tree';
  return [
    `${commandOf(root.pid, MOST_CHARACTERS)}, as ${userName(root.pid)}${since(root.pid)}`,
    ...(others.length === 0 ? [] : [`${verb}: ${named.join(', ')}`]),
    ...portsOf(hit, table),
  ];
}

function portsOf(members: readonly ProcessStat[], table: ProcessTable): string[] {
  const held = members.map(({ pid }) => socketInodesOf(pid));
  if (held.includes(null)) return ['its sockets belong to another user and cannot be looked at'];
  const inodes = new Set(held.flatMap((one) => [...(one ?? [])]));
  const sockets = oneOfEachNetwork(members).flatMap((pid) => tcpSocketsOf(pid));
  const listening = sockets.filter(({ state, inode }) => state === 'listening' && inodes.has(inode));
  if (listening.length === 0) return ['listens on no TCP port'];
  const where = [...new Set(listening.map(({ local }) => formatEndpoint(local)))].join(', ');
  const ports = new Set(listening.map(({ local }) => local.port));
  const accepted = sockets.filter(
    ({ state, local, inode }) => state === 'established' && ports.has(local.port) && inodes.has(inode),
  );
  return [`listens on ${where}; ${clientsOf(accepted, sockets, table)}`];
}

function clientsOf(
  accepted: readonly TcpSocket[],
  sockets: readonly TcpSocket[],
  table: ProcessTable,
): string {
  if (accepted.length === 0) return 'nobody is connected now';
  const ends = new Map(sockets.map((socket) => [formatEndpoint(socket.local), socket.inode]));
  const wanted = new Map(
    accepted.map(({ remote }) => [ends.get(formatEndpoint(remote)) ?? 0, formatEndpoint(remote)]),
  );
  wanted.delete(0);
  const programs = new Map<string, number>();
  for (const { pid } of table.values()) {
    for (const inode of wanted.size === 0 ? [] : (socketInodesOf(pid) ?? [])) {
      if (!wanted.delete(inode)) continue;
      const name = `${nameOf(pid)} (pid ${pid})`;
      programs.set(name, (programs.get(name) ?? 0) + 1);
    }
  }
  const known = [...programs].map(([name, count]) => `${count} from ${name}`);
  const elsewhere = accepted.length - [...programs.values()].reduce((sum, count) => sum + count, 0);
  if (elsewhere > 0) known.push(`${elsewhere} from elsewhere`);
  return `connected now: ${known.slice(0, MOST_NAMED).join(', ')}`;
}

/** The words of a command line, without the secrets that some of them hold. */
export function commandOf(pid: number, most: number): string {
  const text = withoutSecrets(argumentsOf(pid)).join(' ').replaceAll(/\s+/g, ' ');
  if (text === '') return nameOf(pid);
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

/** The whole command line as it is: to be compared with, never to be shown. */
export function fullCommandOf(pid: number): string {
  return argumentsOf(pid).join(' ').slice(0, MOST_COMPARED);
}

/** A class path of Java may be very long. */
const MOST_COMPARED = 100_000;

/** `--password x`, `--token=x`, `API_KEY=x`, `Authorization: x` and the passwords of URLs. */
export function withoutSecrets(words: readonly string[]): string[] {
  return words.map((word, index) => {
    const before = words[index - 1] ?? '';
    if (/^--?[\w.-]+$/.test(before) && isTelling(before) && !word.startsWith('-')) return HIDDEN;
    if (KNOWN_TOKEN.test(word)) return HIDDEN;
    const [, name = '', mark = ''] = /^([^=:\s]*)([=:]\s*)/.exec(word) ?? [];
    if (name !== '' && isTelling(name)) return `${name}${mark}${HIDDEN}`;
    // A whole command in one word, too: what `sh -c` runs, and the title that a process has given itself.
    const within = /(\S*?)([=:]\s*)|(?:^|\s)(--?[\w.-]+)\s+(?!-)/g;
    for (const { 0: found, 1: assigned, 3: option, index: at } of word.matchAll(within)) {
      if (isTelling(assigned ?? option ?? '')) return `${word.slice(0, at + found.length)}${HIDDEN}`;
    }
    return withoutPasswords(word);
  });
}

function withoutPasswords(word: string): string {
  return (
    word
      .replaceAll(/\w[\w+.-]*:\/\/\S+/g, (url) =>
        passwordsOf(url).reduce((text, password) => text.replaceAll(password, HIDDEN), url),
      )
      // No URL by the letter: a password with `#` or `/` in it, and what Go's drivers take, `app:x@tcp(db)/shop`.
      .replaceAll(
        /(:\/\/[^\s:@/]*:)(?!\[hidden\]@)\S*@|((?:^|[\s='"])[\w.-]+:)(?!\/\/)[^\s@]+@(?=\w)/g,
        (_, url, plain) => `${url ?? plain}${HIDDEN}@`,
      )
  );
}

/** Options are shorter than variables: `--requirepass`, `--pass`, `--master-key`. To hide too much costs nothing here. */
function isTelling(name: string): boolean {
  return isTellingName(name) || /pass$|(^|[-_.])(keys?|jwt|pw|pat|sas)$/i.test(name);
}

function since(pid: number): string {
  const began = startedAt(pid);
  return began === undefined ? '' : `, since ${new Date(began).toISOString().replace(/\.\d+Z$/, 'Z')}`;
}

/** As the kernel has it, cut off after 15 characters; a program that gives itself a title has its beginning here. */
export function nameOf(pid: number): string {
  return textOf(`/proc/${pid}/comm`).trim() || `pid ${pid}`;
}

function userName(pid: number): string {
  const user = userOf(pid);
  const line = textOf('/etc/passwd')
    .split('\n')
    .find((one) => one.split(':')[2] === String(user));
  return line?.split(':')[0] ?? `user ${user ?? 'unknown'}`;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
