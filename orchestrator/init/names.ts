import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { isManager } from '../../chaos/port-holders.ts';
import { RefusalError } from '../refusal.ts';
import type { Facts } from './files/facts.ts';
import { nameOfProcess } from './name.ts';
import { asRecord, type Plain } from './sources/plain.ts';
import { slug } from './sources/slug.ts';
import { isLoopback, portOf } from './sources/url.ts';
import type { ListenerView, Source } from './types.ts';

export type Names = Pick<Facts, 'name' | 'environment'>;

export function nameFor(source: Source, listeners: readonly ListenerView[]): string {
  return (source.kind === 'url' ? componentName(source, listeners) : null) ?? source.name;
}

/** By the process that listens where the load goes; null: that is not known. */
export function componentName(source: Source, listeners: readonly ListenerView[]): string | null {
  if (source.baseUrl === null || !isLoopback(source.baseUrl)) return null;
  const port = portOf(source.baseUrl);
  const found = listeners.find((one) => one.port === port)?.process;
  return found && !isManager(found.program) ? nameOfProcess(found) : null;
}

/**
 * What the files are called, beside those of other systems: a drill and an environment of this one alone. The environment is `local` on
 * this machine, else the host. @throws RefusalError where all names are those of something else
 */
export function namesFor(facts: Facts, source: Source, cwd: string): Names {
  const { name } = facts;
  const { baseUrl } = source;
  const ports = baseUrl === null ? [] : [portOf(baseUrl)];
  const candidates: Names[] =
    baseUrl === null || isLoopback(baseUrl)
      ? [
          { name, environment: 'local' },
          { name, environment: `local-${name}` },
          ...ports.map((port) => ({ name: `${name}-${port}`, environment: `local-${name}-${port}` })),
        ]
      : [
          { name, environment: hostOf(source, baseUrl) },
          ...ports.map((port) => ({
            name: `${name}-${port}`,
            environment: `${hostOf(source, baseUrl)}-${port}`,
          })),
        ];
  const ours = candidates.find(({ environment }) => isOurs(environment, facts, source, cwd));
  const free = candidates.find((one, nth) => isFree(one, nth === 0 || one.name !== name, cwd));
  const found = ours ?? free;
  if (found !== undefined) return found;
  const files = candidates.map(({ environment }) => fileOf(environment)).join(', ');
  throw new RefusalError(`init: ${files} are about something else than ${facts.baseUrl}`, {
    fix: 'move them away and run squall init again, or run it in another folder',
  });
}

/** Letters, digits and dashes, and room for a port. */
function hostOf(source: Source, baseUrl: string): string {
  return source.kind === 'url' ? source.name : slug(new URL(baseUrl).hostname, 'host', 57);
}

function fileOf(environment: string): string {
  return `chaos/environments/${environment}.yaml`;
}

/** No environment of that name is there; nor, unless the name can be no other system's, a load, which would be kept. */
function isFree({ name, environment }: Names, isOwn: boolean, cwd: string): boolean {
  if (existsSync(path.join(cwd, fileOf(environment)))) return false;
  return isOwn || !existsSync(path.join(cwd, `thresholds/${name}.ts`));
}

/** It is there, has the component, and sends the load to the same place. */
function isOurs(environment: string, facts: Facts, { baseUrl }: Source, cwd: string): boolean {
  const there = dataIn(path.join(cwd, fileOf(environment)));
  if (there === null) return false;
  const { component } = facts;
  const components = asRecord(there.components);
  if (component !== null && !Object.hasOwn(components, component.name)) return false;
  // It is not known where the load goes.
  if (baseUrl === null || asRecord(there.vars).BASE_URL === baseUrl) return true;
  if (component?.form !== 'link') return false;
  // Through a link, of which the port may be another one each time.
  return asRecord(asRecord(components[component.name]).link).upstream === component.upstream;
}

function dataIn(file: string): Plain | null {
  try {
    return asRecord(parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}
