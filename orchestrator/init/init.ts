import path from 'node:path';
import { wordsIn } from '../../chaos/definitions/load-requests.ts';
import { validateFiles } from '../../chaos/definitions/validate-files.ts';
import { packageRoot } from '../../chaos/package-root.ts';
import { createHttpClient } from '../observe/http-client.ts';
import { RefusalError } from '../refusal.ts';
import { boundsFrom } from './bounds.ts';
import { checkPlanned } from './check-planned.ts';
import { chooseRequests, notFollowed } from './choose-requests.ts';
import { chooseComponent } from './component.ts';
import { rateFor, SHORTEST_SCRIPT_SECONDS } from './files/drill.ts';
import type { Facts } from './files/facts.ts';
import { filesFor } from './files/files-for.ts';
import { findSource } from './find-source.ts';
import { headersFrom } from './headers.ts';
import { isHarmless, measure } from './measure.ts';
import { mustBeSaid } from './must-be-said.ts';
import { componentName, nameFor, namesFor } from './names.ts';
import { othersOf } from './others.ts';
import { readSource } from './sources/read-source.ts';
import { startOf } from './start.ts';
import type { ListenerView, Measurement, Source, SourceOptions } from './types.ts';
import { type Written, writeFiles } from './write-files.ts';

export interface InitRequest extends SourceOptions {
  /** A URL or a file; undefined: what is found. */
  readonly source: string | undefined;
  /** Who listens on this machine. */
  readonly listeners: () => readonly ListenerView[];
  /** How long a k6 script runs with these settings, by k6 itself; null: only its iterations say. @throws Error when it does not load */
  readonly inspect: (script: string, vars: Readonly<Record<string, string>>) => Promise<number | null>;
  /** The current context of kubectl; null: there is none. */
  readonly kubectl: string | null;
  /** Requests a second while it measures. Default: 10. */
  readonly perSecond?: number;
}

export interface InitResult {
  readonly written: readonly Written[];
  readonly measurement: Measurement | null;
  /** What was asked of the system, in words. */
  readonly asked: readonly string[];
  readonly notes: readonly string[];
  readonly next: readonly string[];
}

/**
 * Writes what a first drill needs, for a system that squall does not know. Asks the system a few harmless requests, nobody else anything,
 * and overwrites nothing.
 * @throws RefusalError before anything is written
 */
export async function init(request: InitRequest): Promise<InitResult> {
  const { cwd } = request;
  const listeners = request.listeners();
  const source = await readSource(request.source ?? findSource(cwd, listeners), request);
  const { asked, measurement, requests, notes } = await look(source, request);
  const words = wordsIn([requests, source.auth]);
  const secrets = source.secrets.filter((one) => words.includes(one));
  const name = nameFor(source, listeners);
  const script = source.script && {
    ...source.script,
    file: relative(cwd, source.script.file),
    durationMs: await request
      .inspect(source.script.file, source.baseUrl === null ? {} : { BASE_URL: source.baseUrl })
      .catch((cause: Error) => {
        throw new RefusalError(`init: ${cause.message}`, { cause });
      }),
  };
  const containers = new Set(
    (source.compose?.services ?? []).flatMap(({ ports }) => ports.map(({ host }) => host)),
  );
  const chosen = chooseComponent(source.baseUrl, listeners, componentName(source, listeners) ?? name, {
    containers,
    ownAddress: script !== null && !script.readsBaseUrl ? script.file : null,
  });
  const tooShort =
    script !== null && (script.durationMs === null || script.durationMs < SHORTEST_SCRIPT_SECONDS * 1000)
      ? `${script.file} runs ${script.durationMs === null ? 'by iterations' : `${script.durationMs / 1000} s`}: a fault needs a load of at least ${SHORTEST_SCRIPT_SECONDS} s.`
      : null;
  const facts: Facts = {
    name,
    environment: 'local',
    baseUrl: source.baseUrl ?? 'http://127.0.0.1:8080',
    requests,
    auth: source.auth,
    secrets,
    script,
    component: chosen.component,
    noFault: tooShort ?? chosen.noFault,
    measurement,
    bounds: measurement === null ? { p95Ms: null, errors: 0.05 } : boundsFrom(measurement),
    start: startOf(source, listeners, cwd, {
      isKilled: chosen.component?.form === 'process' && chosen.component.kill !== null,
    }),
    others: othersOf(source, listeners, request.kubectl),
    schemas: schemasFor(cwd),
  };
  const named = { ...facts, ...namesFor(facts, source, cwd) };
  const planned = filesFor(named);
  await checkPlanned(planned, script?.file ?? null, cwd);
  const written = await writeFiles(planned.files, cwd);
  const { ok, output } = await validateFiles(planned.definitions, cwd);
  if (!ok)
    throw new RefusalError(`init: what is there now does not fit together:\n${output}`, {
      fix: 'correct the files that were there before, or move them away and run squall init again',
    });
  return {
    written,
    measurement,
    asked,
    notes: [
      ...notes,
      ...source.leftOut.map((one) => `left out: ${one}`),
      ...(named.noFault === null ? [] : [`the drill has no fault: ${named.noFault}`]),
      ...secrets
        .filter((one) => !request.env[one])
        .map((one) => `${one} is not set: the drill takes it from the shell (export ${one}=…)`),
    ],
    next: ['plan', 'drill'].map(
      (command) => `npx squall ${command} ${planned.drill} --env ${named.environment}`,
    ),
  };
}

/** Asks the system, if a person said that it may be asked. */
async function look(source: Source, { env, perSecond = 10 }: InitRequest) {
  const { baseUrl, requests, secrets, leftOut } = source;
  const unasked = (note: string) => ({
    asked: [],
    measurement: null,
    requests: requests.map(notFollowed),
    notes: [`nothing was measured: ${note}`],
  });
  mustBeSaid(source);
  if (source.script !== null || baseUrl === null) return unasked('the script itself is the load');
  if (requests.length === 0)
    throw new RefusalError(`init: nothing in it can be a load: ${leftOut.slice(0, 5).join('; ')}`, {
      fix: 'take requests that change data with --writes, or give the URL of something that answers a GET',
    });
  if (!requests.some(isHarmless)) return unasked('all of its requests change data');
  const missing = secrets.filter((one) => !env[one]);
  if (missing.length > 0)
    return unasked(`${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not set in this shell`);
  const headers = headersFrom(source.auth, env);
  const http = createHttpClient({}, env);
  try {
    // Only what the source asks for: anything else in the shell is nobody's business.
    const settings = Object.fromEntries(secrets.map((one) => [one, env[one]]));
    const chosen = await chooseRequests(source, baseUrl, headers, { http, env: settings });
    const request = { baseUrl, requests: chosen.requests, headers, http, env: settings, perSecond };
    const measurement = await measure(request);
    return {
      asked: chosen.asked,
      measurement,
      requests: chosen.requests,
      notes: [...limitOf(measurement), ...chosen.leftOut.map((one) => `left out: ${one}`)],
    };
  } finally {
    await http.close();
  }
}

function limitOf(measurement: Measurement): string[] {
  const { asked, limited } = measurement;
  if (limited === 0) return [];
  return [
    `it limits how often it is asked (429 for ${limited} of ${asked} requests): the load asks ${rateFor(measurement)} times a second`,
  ];
}

/** Where editors find the schemas: in this repository, else where npm puts the package. */
function schemasFor(cwd: string): string {
  return path.resolve(cwd) === packageRoot() ? 'chaos/schema' : 'node_modules/squall/chaos/schema';
}

function relative(cwd: string, file: string): string {
  return path.relative(cwd, file).split(path.sep).join('/');
}
