import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { shortFaults } from '../drill/faults.ts';
import { eventOf, startDrill, writeDrill } from '../drill/run-drill.ts';
import { anyK6 } from '../k6.ts';
import { startTinyTarget, type TinyTarget } from '../tiny-target/tiny-target.ts';

const k6 = await anyK6();
let target: TinyTarget | undefined;
afterEach(() => target?.stop());

const canaries = {
  CANARY_VAR: 'canary-var-81f3',
  CANARY_HEADER: 'canary-header-27aa',
  CANARY_URL: 'canary-url-9c01',
};

const written = { header: 'canary-written-header-5d', variable: 'canary-written-var-e0' };

/** How an environment takes a value from a variable. */
const reference = (name: string) => `\${env:${name}}`;

describe.skipIf(k6 === null)('secrets', () => {
  test('planted in variables, headers and URLs are in no artefact, no output, and no process argument', async () => {
    target = await startTinyTarget();
    const environment = {
      vars: {
        BASE_URL: `http://127.0.0.1:${target.linkPort}`,
        TOKEN: reference('CANARY_VAR'),
        SAY: reference('CANARY_VAR'),
        API_KEY: written.variable,
      },
      writes: {
        lookup: `http://user:${reference('CANARY_URL')}@127.0.0.1:${target.port}/lookup`,
        headers: { 'x-token': reference('CANARY_HEADER'), authorization: `Bearer ${written.header}` },
      },
    };
    const files = writeDrill(
      target,
      { faults: [shortFaults.latency], writes: { lost: 0 } },
      environment,
      k6?.path,
    );
    const running = startDrill({ ...files, env: { ...files.env, ...canaries } });
    await eventOf(files, 'fault-injected', running);
    const args = argumentsOfAll();
    const { stdout, stderr } = await running;
    expect(JSON.parse(String(stdout)).writes, 'the secrets were used').toMatchObject({
      lost: 0,
      result: 'PASS',
    });
    // The check looks at something: the run's own files and the arguments of its k6 are among what is searched.
    expect(args).toContain('script.js');
    // All that the run made; the environment, where a team may have written a token, is theirs.
    const artefacts = contents(target.directory);
    artefacts.delete(files.environment);
    expect([...artefacts.keys()].map((file) => path.basename(file))).toEqual(
      expect.arrayContaining([
        'journal.jsonl',
        'verdict.json',
        'report.html',
        'report.md',
        'junit.xml',
        'samples-0.squall.gz',
      ]),
    );
    artefacts.set('arguments', args).set('stdout', String(stdout)).set('stderr', String(stderr));
    // They would have been there: the script says one with each request, in its URL, in a tag and in its log.
    for (const said of ['k6 says [redacted]', `token=${'*'.repeat(canaries.CANARY_VAR.length)}`])
      expect(
        [...artefacts.values()].some((text) => text.includes(said)),
        said,
      ).toBe(true);
    for (const canary of Object.values({ ...canaries, ...written })) {
      expect([...artefacts].filter(([, text]) => text.includes(canary)).map(([name]) => name)).toEqual([]);
    }
  });

  test.each([
    ['a script that does not load', (token: string) => ({ script: `throw new Error(${token})` })],
    ['a testbed that does not come up', () => ({ up: 'echo "no luck with $CANARY_VAR"; exit 1' })],
  ])('%s says no secret on its way out', async (_what, trouble) => {
    target = await startTinyTarget();
    const { script, up } = trouble('"tried with " + __ENV.TOKEN') as { script?: string; up?: string };
    const environment = {
      vars: { BASE_URL: `http://127.0.0.1:${target.linkPort}`, TOKEN: reference('CANARY_VAR') },
      ...(up && { testbed: { up: ['sh', '-c', up], down: ['true'], status: ['false'] } }),
    };
    const files = writeDrill(target, {}, environment, k6?.path);
    if (script) writeFileSync(path.join(target.directory, 'script.js'), script);
    const { exitCode, stderr } = await startDrill({ ...files, env: { ...files.env, ...canaries } });
    expect(String(stderr)).toMatch(/(tried|no luck) with \[redacted\]/);
    expect(String(stderr)).not.toContain(canaries.CANARY_VAR);
    expect(exitCode).not.toBe(0);
  });

  test('that are ordinary words hide nothing that the verdict needs', async () => {
    target = await startTinyTarget();
    const words = { LEVEL: 'error', MODE: 'iterations', KIND: 'exception', SOURCE: 'stacktrace' };
    const vars = Object.fromEntries(Object.keys(words).map((name) => [name, reference(name)]));
    const environment = { vars: { BASE_URL: `http://127.0.0.1:${target.linkPort}`, ...vars } };
    const files = writeDrill(target, {}, environment, k6?.path);
    const script = `import http from 'k6/http';
      export const options = { vus: 2, duration: '3s' };
      export default () => { http.get(__ENV.BASE_URL); throw new Error('after the request'); };`;
    writeFileSync(path.join(target.directory, 'script.js'), script);
    const { exitCode, stdout } = await startDrill({ ...files, env: { ...files.env, ...words } });
    const verdict = JSON.parse(String(stdout));
    expect(verdict).toMatchObject({ verdict: 'INVALID' });
    expect(verdict.reasons.join('\n')).toMatch(/threw/);
    expect(exitCode).toBe(2);
  });
});

/** Every file below a directory as text, recordings unpacked. */
function contents(directory: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const file = path.join(directory, name);
    if (!statSync(file).isFile()) continue;
    const bytes = readFileSync(file);
    found.set(file, (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1'));
  }
  return found;
}

function argumentsOfAll(): string {
  const lines = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return lines.map((pid) => readOrNothing(`/proc/${pid}/cmdline`)).join('\n');
}

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
