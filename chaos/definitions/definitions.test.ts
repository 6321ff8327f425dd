import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { checkDrill } from './check/check-drill.ts';
import { maskSecrets } from './issues/mask-secrets.ts';
import { suggest } from './issues/suggest.ts';
import { loadDrill } from './load-drill.ts';
import { loadEnvironment } from './load-environment.ts';
import { resolveSecrets } from './secrets/resolve-secrets.ts';
import { validateFiles } from './validate-files.ts';

const work = mkdtempSync(path.join(tmpdir(), 'squall-definitions-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

function put(name: string, text: string): string {
  const file = path.join(work, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}
const DRILL = `name: one
load: [{ scenario: spike }]
steady: { for: 10s }
faults:
  - { name: lost, kind: kill, component: gateway, at: 20s, expect: { detectWithin: 30s } }
objectives: [{ use: gateway }]
probes: [{ name: alerted, kind: alert, match: { component: gateway }, within: 30s, after: lost }]
writes: { lost: 0 }
stop: [{ alert: { severity: critical } }]
`;
const BARE = 'name: bare\ncomponents:\n  gateway: { provider: local, process: { pidFile: run/g.pid } }\n';

it('finds an environment by name in the working directory first, then in the package, and by path', async () => {
  const file = put('chaos/environments/lab.yaml', BARE);
  expect((await loadEnvironment('lab', work)).file).toBe(file);
  expect((await loadEnvironment('./chaos/environments/lab.yaml', work)).file).toBe(file);
  expect((await loadEnvironment('local', work)).value.name).toBe('local');
  put('chaos/environments/local.yaml', BARE);
  expect((await loadEnvironment('local', work)).value.name).toBe('bare');
});

it('says where an environment is whose file name, or folder, was given in place of its name or path', async () => {
  put('chaos/environments/laptop.yaml', BARE);
  put('chaos/environments/team/lab.yaml', BARE);
  await expect(loadEnvironment('laptop.yaml', work)).rejects.toThrow(
    'write laptop, or chaos/environments/laptop.yaml',
  );
  await expect(loadEnvironment('team/lab', work)).rejects.toThrow('write chaos/environments/team/lab.yaml');
  await expect(loadEnvironment('nowhere.yaml', work)).rejects.toThrow('there is no such file');
});

it('says which environments there are when there is none of that name', async () => {
  await expect(loadEnvironment('loca', '/')).rejects.toThrow('did you mean "local"?');
  await expect(loadEnvironment('..', '/')).rejects.toThrow('no such environment');
  await expect(loadEnvironment('\u001b[2J', '/')).rejects.toThrow('environment "\\u001b[2J"');
});

it('takes paths in a file as relative to that file', async () => {
  const { value } = await loadEnvironment(put('deep/er/env.yaml', BARE), '/');
  expect(value.components.gateway).toMatchObject({
    process: { pidFile: path.join(work, 'deep/er/run/g.pid') },
  });
  put('deep/load.js', '');
  const drill = put(
    'deep/er/d.yaml',
    'name: d\nload: [{ script: ../load.js }]\nobjectives: [{ use: gateway }]\n',
  );
  expect((await loadDrill(drill)).value.load[0]?.script).toBe(path.join(work, 'deep/load.js'));
});

it('refuses what an environment without alerts and look-up of writes cannot give', async () => {
  const drill = await loadDrill(put('d.yaml', DRILL));
  const issues = checkDrill(drill, await loadEnvironment(put('bare.yaml', BARE), work));
  expect(issues.map((issue) => `${issue.line} ${issue.path}`)).toEqual([
    '5 faults[0].expect.detectWithin',
    '7 probes[0].kind',
    '8 writes',
    '9 stop[0].alert',
  ]);
  expect(checkDrill(drill)).toEqual([]);
});

it('refuses `only: parent` where a provider hits pods, at its place', async () => {
  const faults = (kind: string) =>
    `name: d
load: [{ scenario: spike }]
faults:
  - { name: hit, kind: ${kind}, component: gateway, at: 20s, params: { only: parent } }
objectives: [{ use: gateway }]
`;
  const pods = await loadEnvironment(
    put(
      'pods.yaml',
      'name: pods\ncomponents:\n  gateway: { provider: chaos-mesh, namespace: lab, labels: { app: g } }\n',
    ),
    work,
  );
  const here = await loadEnvironment(put('here.yaml', BARE), work);
  const drill = await loadDrill(put('only.yaml', faults('kill')));
  expect(checkDrill(drill, here)).toEqual([]);
  const [issue, ...others] = checkDrill(drill, pods);
  expect([issue?.path, others]).toEqual(['faults[0].params.only', []]);
  expect(issue?.rule).toContain('Chaos Mesh hits a pod with all of its processes');
  await expect(loadDrill(put('only.yaml', faults('container-kill')))).rejects.toThrow('only');
});

it('takes how requests of squall go out, and where its certificates are', async () => {
  const text = `${BARE}http: { ca: tls/ca.pem, proxy: "http://user:hunter22@127.0.0.1:3128", noProxy: [localhost, .example.com] }\n`;
  const { value } = await loadEnvironment(put('out/env.yaml', text), work);
  expect(value.http?.ca).toBe(path.join(work, 'out/tls/ca.pem'));
  expect(resolveSecrets(value, {}).secrets).toContain('hunter22');
  await expect(
    loadEnvironment(put('out/bad.yaml', `${BARE}http: { proxy: "127.0.0.1:3128" }\n`), work),
  ).rejects.toThrow('must be the http or https URL of a proxy');
});

it('compares the faults and the steady state with the load only when all durations are known', async () => {
  const drill = await loadDrill(put('d.yaml', DRILL));
  expect(checkDrill(drill, undefined, [20_001])).toEqual([]);
  expect(checkDrill(drill, undefined, [undefined])).toEqual([]);
  expect(checkDrill(drill, undefined, [20_000]).map((i) => i.path)).toEqual(['faults[0].at']);
  expect(checkDrill(drill, undefined, [10_000]).map((i) => i.path)).toEqual(['steady.for', 'faults[0].at']);
});

it('validates files by what is in them, and drills against the environments given with them', async () => {
  const drill = put('d.yaml', DRILL);
  const bare = put('bare.yaml', BARE);
  expect((await validateFiles([drill])).ok).toBe(true);
  const { ok, json, output } = await validateFiles([drill, bare]);
  expect(ok).toBe(false);
  expect(json.files.map(({ kind, ok }) => [kind, ok])).toEqual([
    ['drill', false],
    ['environment', true],
  ]);
  expect(output).toContain('Fix: add `allow: { kinds: [kill], components: [gateway] }`');
  expect(output).toMatch(/d\.yaml:8:9 {2}writes: .*\n {4}8 \| writes: \{ lost: 0 \}\n {6}\| {9}\^/);
});

it.each([
  [
    'slo',
    'slo:\n  prometheus: http://127.0.0.1:9090\n  objectives:\n    up: { good: "rate(a[$window])", total: "rate(b[$window])", atLeast: 99%, window: 28d }\n',
  ],
  ['integrations', 'integrations: { prometheus: { pushgateway: "http://127.0.0.1:9091" } }\n'],
  ['load', 'load: { runner: k6-operator, namespace: load, parallelism: 4, image: "grafana/k6:1.8.1" }\n'],
  ['traces', 'traces: { url: "http://127.0.0.1:16686/trace/{traceId}" }\n'],
])('knows an environment by %s alone', async (key, text) => {
  const { output, json } = await validateFiles([put(`${key}.yaml`, `name: production\n${text}`)]);
  expect([json.files[0]?.kind, output]).toEqual(['environment', expect.stringContaining('ok, environment')]);
});

it('validates that scenarios and sets of objectives are there', async () => {
  const file = put('typo.yaml', 'name: typo\nload: [{ scenario: spkie }]\nobjectives: [{ use: gatway }]\n');
  const { output } = await validateFiles([file]);
  expect(output).toContain('did you mean "spike"?');
  expect(output).toContain('did you mean "gateway"?');
});

it('repeats no secret that is written in the clear, not even in the line that it quotes', async () => {
  const file = put(
    'secrets.yaml',
    `${BARE}vars: { API_TOKEN: canary-1, PORT: 90001 }\nwrites: { headers: { Authorization: canary-2 }, lokup: x, batch: canary-3 }\n`,
  );
  const { output, json } = await validateFiles([file]);
  expect(output).toContain('vars.PORT');
  expect(output + JSON.stringify(json)).not.toMatch(/canary-[12]|90001/);
});

it('nor one that has to stand outside of the file', async () => {
  const file = put(
    'outside.yaml',
    `${BARE}  sessions: { provider: local, redis: { master: m, sentinels: ['127.0.0.1:1'], nodes: [
      { address: '127.0.0.1:2', pidFile: a.pid }, { address: '127.0.0.1:3', pidFile: b.pid }], auth: { password: canary-1 }, sentinelAuth: canary-2 } }
integrations: { pagerduty: { routingKey: canary-3 }, slack: { webhook: canary-4 } }
`,
  );
  const { output, json } = await validateFiles([file]);
  for (const place of [
    'redis.auth.password',
    'redis.sentinelAuth',
    'pagerduty.routingKey',
    'slack.webhook',
  ]) {
    expect(output).toContain(place);
  }
  expect(output + JSON.stringify(json)).not.toContain('canary');
});

it('covers passwords in URLs and values of telling keys, and keeps the columns', () => {
  const line = '  url: postgres://u:hunter2@h/db # and';
  expect(maskSecrets(line)).toBe('  url: postgres://u:*******@h/db # and');
  expect(maskSecrets('  password: hunter2')).toBe('  password: *******');
  // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what people write
  expect(maskSecrets('  token: ${env:TOKEN}')).toBe('  token: ${env:TOKEN}');
});

it('suggests what is close, and nothing else', () => {
  expect(suggest('stedy', ['name', 'steady', 'stop'])).toBe('steady');
  expect(suggest('fialover', ['kill', 'failover'])).toBe('failover');
  expect(suggest('explode', ['kill', 'failover'])).toBeUndefined();
  expect(suggest('x'.repeat(100_000), ['kill'])).toBeUndefined();
  expect(suggest('klil', ['kill', 'latency'])).toBe('kill');
});

it('validates a file of objectives, with the line of what is wrong in it', async () => {
  const file = put('mine.ts', 'export default [];\n');
  const good = await validateFiles([file], work, { loadFile: async () => [1, 2] });
  expect(good).toMatchObject({ ok: true, output: expect.stringMatching(/mine\.ts: ok, 2 objectives$/) });
  const loadFile = async () => {
    throw new Error(`thresholds: ${file}:3:7: a: unknown key percentil`);
  };
  const bad = await validateFiles([file], work, { loadFile });
  expect(bad.json.issues).toMatchObject([{ line: 3, column: 7, rule: 'a: unknown key percentil' }]);
});
