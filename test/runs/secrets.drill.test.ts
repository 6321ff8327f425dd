import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { secretTexts } from '../../chaos/secret-texts.ts';
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
  CANARY_TOKEN: 'canary-token-4be2',
};

const written = { header: 'canary-written-header-5d', variable: 'canary-written-var-e0' };

const FORM_NAMES = ['plain', 'json', 'double', 'url', 'path', 'csv', 'base64', 'basic', 'base64url'];
/** Prints the canary in each form: in its log, in an alert, in tags, a group, a check, and in what it throws. */
const EVERY_FORM = `
import http from 'k6/http';
import { b64encode } from 'k6/encoding';
import { check, group } from 'k6';
export const options = { vus: 1, iterations: 40 };
const t = __ENV.TOKEN;
const forms = {
  plain: t, json: JSON.stringify(t), double: JSON.stringify(JSON.stringify({ t })), url: encodeURIComponent(t), path: encodeURI(t),
  csv: '"' + t.replace(/"/g, '""') + '"', base64: b64encode(t), basic: b64encode('u:' + t + '!'), base64url: b64encode('us:' + t, 'rawurl'),
};
export default function () {
  const name = Object.keys(forms)[__ITER % ${FORM_NAMES.length}];
  const form = forms[name];
  console.error('log ' + name + ' ' + form);
  http.get(__ENV.BASE_URL + '/health?t=' + encodeURIComponent(form), { tags: { name: 'GET /health', said: 'tag ' + name + ' ' + form } });
  const alerts = [{ status: 'firing', labels: { alertname: 'alert ' + name + ' ' + form }, annotations: { summary: form }, startsAt: new Date().toISOString() }];
  http.post(__ENV.ALERTS + '/', JSON.stringify({ alerts }), { headers: { 'content-type': 'application/json' }, tags: { name: 'alert' } });
  group('group ' + form, () => check(1, { ['check ' + form]: () => true }));
  if (__ITER % 4 === 3) throw new Error('thrown ' + form);
}
`;

/** How an environment reads a value from a variable. */
const reference = (name: string) => `\${env:${name}}`;

describe.skipIf(k6 === null)('secrets', () => {
  test('planted in variables, headers and URLs are in no artefact, no output, and no process argument', async () => {
    target = await startTinyTarget();
    // A service that refuses and says back what it was sent, and one that nobody runs.
    await using telltale = await startTelltale();
    const token = reference('CANARY_TOKEN');
    const environment = {
      integrations: {
        splunk: { url: telltale.url, token },
        datadog: { url: telltale.url, apiKey: token },
        slack: { webhook: token },
        grafana: { url: 'http://127.0.0.1:9', token },
      },
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
    // Those who were not told have no say in the verdict, and are named.
    expect(JSON.parse(String(stdout)).verdict).toBe('PASS');
    expect(telltale.heard(), 'the token was used').toContain(canaries.CANARY_TOKEN);
    expect(String(stderr)).toMatch(/^squall: splunk: NOT told: answered 403: .*\[redacted\]/m);
    for (const name of ['grafana', 'datadog', 'slack', 'splunk'])
      expect(readFileSync(path.join(files.out, 'report.md'), 'utf8')).toContain(`${name}\\: NOT told`);
    // The check is not empty: it searches the run's own files and the arguments of its k6.
    expect(args).toContain('script.js');
    // Everything that the run made; the environment file, where a team may have written a token, is theirs.
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
        'integrations.json',
      ]),
    );
    artefacts.set('arguments', args).set('stdout', String(stdout)).set('stderr', String(stderr));
    // Without masking they would be there: the script has one in each request, in its URL, in a tag and in its log.
    for (const said of ['k6 says [redacted]', `token=${'*'.repeat(canaries.CANARY_VAR.length)}`])
      expect(
        [...artefacts.values()].some((text) => text.includes(said)),
        said,
      ).toBe(true);
    for (const canary of Object.values({ ...canaries, ...written })) {
      expect([...artefacts].filter(([, text]) => text.includes(canary)).map(([name]) => name)).toEqual([]);
    }
  });

  test('in whatever form a script writes it, it is in no artefact and no output', async () => {
    target = await startTinyTarget();
    const canary = `c&n"a\\r<y>'9 /+?é!(x)-${Date.now()}`;
    const environment = {
      vars: {
        BASE_URL: `http://127.0.0.1:${target.linkPort}`,
        ALERTS: `http://127.0.0.1:${target.alertPort}`,
        TOKEN: reference('CANARY'),
      },
    };
    const files = writeDrill(target, { stop: [{ alert: { never: 'there' } }] }, environment, k6?.path);
    writeFileSync(path.join(target.directory, 'script.js'), EVERY_FORM);
    const { stdout, stderr } = await startDrill({ ...files, env: { ...files.env, CANARY: canary } });
    const artefacts = contents(target.directory);
    artefacts.set('stdout', String(stdout)).set('stderr', String(stderr));
    const whole = [...artefacts.values()].join('\n');
    // Without masking it would be there: each form was in an alert and in a sample, and one in k6's last output.
    for (const said of FORM_NAMES.flatMap((form) => [
      `alert ${form} \\S*\\[redacted\\]`,
      `tag ${form} .*\\*{8}`,
    ]))
      expect(new RegExp(said).test(whole), said).toBe(true);
    expect(whole.includes('thrown [redacted]')).toBe(true);
    for (const form of secretTexts([canary])) {
      const bytes = Buffer.from(form).toString('latin1');
      const leaky = [...artefacts].filter(([, text]) => text.includes(form) || text.includes(bytes));
      expect(
        leaky.map(([name]) => name),
        form,
      ).toEqual([]);
    }
  });

  test('of the drill itself, or of the command line, are known by the names of their variables', async () => {
    target = await startTinyTarget();
    const [given, own] = ['canary-given-66d0', 'canary-own-f17c'];
    const files = writeDrill(
      target,
      {
        vars: { LOGIN_TOKEN: 'dev' },
        load: [
          { script: 'script.js', vars: { LOGIN_TOKEN: `\${${'LOGIN_TOKEN'}}`, API_KEY: own, SAY: 'hello' } },
        ],
      },
      {},
      k6?.path,
    );
    const { exitCode, stdout, stderr } = await startDrill(files, ['--var', `LOGIN_TOKEN=${given}`]);
    expect(exitCode, String(stderr)).toBe(0);
    const artefacts = contents(target.directory);
    artefacts.delete(files.drill);
    artefacts.set('stdout', String(stdout)).set('stderr', String(stderr));
    for (const canary of [given, own])
      expect([...artefacts].filter(([, text]) => text.includes(canary)).map(([name]) => name)).toEqual([]);
    // It is said that one was changed, and what is no secret stays.
    const whole = [...artefacts.values()].join('\n');
    expect(whole).toContain('LOGIN_TOKEN is [redacted], from the command line');
    expect(whole).toContain('"SAY":"hello"');
    expect(JSON.parse(String(stdout)).vars).toEqual({ LOGIN_TOKEN: '[redacted]' });
  });

  test.each([
    ['a script that does not load', 64, (token: string) => ({ script: `throw new Error(${token})` })],
    ['a testbed that does not come up', 2, () => ({ up: 'echo "no luck with $CANARY_VAR"; exit 1' })],
  ])('%s says no secret on its way out', async (_what, code, trouble) => {
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
    expect(exitCode).toBe(code);
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

/** Answers 403 with all that it was sent. */
async function startTelltale() {
  let heard = '';
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      heard += JSON.stringify(request.headers);
      response.writeHead(403).end(JSON.stringify(request.headers));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard: () => heard,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

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
