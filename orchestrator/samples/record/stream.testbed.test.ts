import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, open as openFile, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { k6OfEachMajor } from '../../../test/k6.ts';
import { journalOf, type Recorded, recordRun } from '../../../test/reference-target/recorded-run.ts';
import { acknowledgedWrites } from '../../judge/acknowledged.ts';
import { judgeRun } from '../../judge/judge.ts';
import { entryPoint } from '../../package.ts';
import type { LiveTick } from '../types.ts';

const objectives = [
  { name: 'latency', percentile: 95, below: '2s', minSamples: 20 },
  { name: 'errors', errors: true, below: '1%', minSamples: 20 },
] as const;

let server: Server;
let url: string;
const runs: Recorded[] = [];

beforeAll(async () => {
  server = createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}/`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
  for (const run of runs) run.remove();
});

const load = (body: string, seconds = 3) => `
  import http from 'k6/http';
  import exec from 'k6/execution';
  import { Counter, Trend } from 'k6/metrics';
  const acknowledged = new Counter('squall_writes_acknowledged');
  const odd = new Trend('odd');
  export const options = { scenarios: { load: { executor: 'constant-arrival-rate', rate: 30, timeUnit: '1s',
    duration: '${seconds}s', preAllocatedVUs: 20 } } };
  export function setup() { http.get(__ENV.URL + 'setup'); }
  export default function () { ${body} }
`;
const GET = 'http.get(__ENV.URL, { tags: { name: \'GET "/", here\' } });';

async function run(
  k6: string,
  script: string,
  more: Partial<Parameters<typeof recordRun>[0]> = {},
): Promise<Recorded> {
  const recorded = await recordRun({
    k6,
    script,
    env: { URL: url },
    ...more,
  });
  runs.push(recorded);
  return recorded;
}

describe.each(await k6OfEachMajor())('k6 $major', ({ k6, major }) => {
  const binary = k6?.path ?? '';

  test.skipIf(k6 === null)('a healthy run is complete, live and on record, and passes', async () => {
    const ticks: LiveTick[] = [];
    const recorded = await run(binary, load(GET), {
      onTick: (tick) => ticks.push(tick),
      stream: {
        steadyWindowMs: 1000,
        objectives: [...objectives],
        stop: [{ errors: true, above: 0.5, for: 1000 }],
      },
    });
    expect(recorded).toMatchObject({ exitCode: 0, end: { complete: true, detail: '' } });
    expect(ticks.some((tick) => tick.objectives.every((o) => o.holds === true))).toBe(true);
    expect(ticks.every((tick) => tick.breached.length === 0)).toBe(true);
    const { verdict } = await judgeRun(journalOf(recorded, { objectives }));
    expect(verdict).toMatchObject({ verdict: 'PASS' });
    // 30 a second for 3 s, and one more where both ends fall in; the request of setup() is not load.
    expect(verdict.phases[0]?.requests).toBeGreaterThanOrEqual(85);
    expect(verdict.phases[0]?.requests).toBeLessThanOrEqual(91);
    expect(
      Math.abs(Date.parse(verdict.phases[0]?.from ?? '') - (recorded.firstSampleAt as number)),
    ).toBeLessThanOrEqual(1);
  });

  test.skipIf(k6 === null)(
    'squall samples prints the lines that k6 wrote, none changed and none missing',
    async () => {
      const body = `
      exec.vu.metrics.metadata.note = 'a,"b"\\n&' + exec.scenario.iterationInTest; odd.add(-1e12 / 7);
      if (exec.scenario.iterationInTest % 2) delete exec.vu.metrics.metadata.note;
      http.get(__ENV.URL + exec.scenario.iterationInTest, { tags: { mine: 'ü&=,"' } }); ${GET}`;
      const own = path.join(os.tmpdir(), `squall-own-${process.pid}-${major}.csv`);
      const recorded = await run(binary, load(body), { args: [`--out=csv=${own}`] });
      const wrote = await readFile(own, 'utf8');
      await rm(own);
      await writeFile(path.join(recorded.directory, 'journal.jsonl'), '');
      const entry = entryPoint('scripts/squall');
      const printed = await execa(process.execPath, [entry, 'samples', recorded.directory], {
        stripFinalNewline: false,
      });
      const lines = wrote.split('\n');
      expect(lines.length).toBeGreaterThan(1500);
      expect(lines.filter((line) => line.includes('""b""')).length).toBeGreaterThan(400);
      expect(printed.stdout.split('\n').toSorted()).toEqual(lines.toSorted());
      const head = await execa('sh', [
        '-c',
        '"$0" "$1" samples "$2" | head -n 1',
        process.execPath,
        entry,
        recorded.directory,
      ]);
      expect(head).toMatchObject({ exitCode: 0, stdout: lines[0], stderr: '' });
      const other = await execa(process.execPath, [entry, 'samples', recorded.directory, '--load', '7'], {
        reject: false,
      });
      expect(other).toMatchObject({ exitCode: 64, stdout: '', stderr: expect.stringContaining('load 7') });
    },
  );

  test.skipIf(k6 === null)('a secret in a tag is not in the recording: stars stand for it', async () => {
    const secret = 's3cret/&x';
    const body = `http.get(__ENV.URL, { tags: { name: 'GET /', asked: '${secret}', url: '${encodeURIComponent(secret)}' } });`;
    const recorded = await run(binary, load(body, 1), { stream: { secrets: [secret] } });
    const content = gunzipSync(await readFile(path.join(recorded.directory, 'k6/samples-0.squall.gz')));
    expect(recorded.end).toMatchObject({ complete: true });
    expect(content.toString('latin1')).toContain(`asked=${'*'.repeat(secret.length)}`);
    expect(content.toString('latin1')).not.toMatch(/s3cret/);
  });

  test.skipIf(k6 === null)('acknowledged writes come back with their ids', async () => {
    const recorded = await run(
      binary,
      load(
        `const id = 'w-' + exec.scenario.iterationInTest + ',"x"'; exec.vu.metrics.metadata.squall_write = id;
        acknowledged.add(1); delete exec.vu.metrics.metadata.squall_write; ${GET}`,
        1,
      ),
    );
    const ids: string[] = [];
    for await (const batch of acknowledgedWrites([path.join(recorded.directory, 'k6/samples-0.squall.gz')]))
      ids.push(...batch);
    expect(ids.length).toBeGreaterThanOrEqual(29);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain('w-0,"x"');
  });

  test.skipIf(k6 === null)(
    'k6 killed in the middle: INVALID, and what came before is on record',
    async () => {
      const recorded = await run(binary, load(GET, 30), {
        during: async ({ pid, stream }) => {
          await new Promise<void>((resolve) =>
            stream.onTick((tick) => tick.requestsPerSecond > 20 && resolve()),
          );
          process.kill(pid, 'SIGKILL');
        },
      });
      expect(recorded.signal).toBe('SIGKILL');
      const { verdict } = await judgeRun(journalOf(recorded, { objectives }));
      expect(verdict.verdict).toBe('INVALID');
      expect(verdict.reasons[0]).toContain('SIGKILL');
      expect(verdict.phases[0]?.requests).toBeGreaterThan(20);
    },
  );

  test.skipIf(k6 === null)(
    'a script that throws in each iteration: INVALID, though k6 exits with 0',
    async () => {
      const recorded = await run(binary, load("throw new Error('boom');", 1));
      expect(recorded.exitCode).toBe(0);
      const { verdict } = await judgeRun(journalOf(recorded, { objectives }));
      expect(verdict.verdict).toBe('INVALID');
      expect(verdict.reasons.join(' ')).toContain('threw an error in');
    },
  );

  test.skipIf(k6 === null)('a script that does nothing: INVALID, no samples', async () => {
    const recorded = await run(
      binary,
      `export const options = { scenarios: {} }; export default function () {}`,
      {},
    );
    const { verdict } = await judgeRun(journalOf(recorded, { objectives }));
    expect(verdict.verdict).toBe('INVALID');
  });

  test.skipIf(k6 === null)(
    'a script that cannot be read: INVALID, and the stream ends in bounded time',
    async () => {
      const recorded = await run(binary, 'this is not JavaScript');
      expect(recorded.exitCode).not.toBe(0);
      expect(recorded.end).toMatchObject({ complete: false, detail: expect.stringContaining('no header') });
      expect(recorded.firstSampleAt).toBeNull();
      expect((await judgeRun(journalOf(recorded, { objectives }))).verdict.verdict).toBe('INVALID');
    },
  );

  test.skipIf(k6 === null)(
    'a target that does not answer: bad requests and dropped iterations, FAIL',
    async () => {
      const script = load("http.get('http://127.0.0.1:1/', { timeout: '200ms' });", 1);
      const recorded = await run(binary, script);
      const { verdict } = await judgeRun(journalOf(recorded, { objectives }));
      expect(verdict.verdict).toBe('FAIL');
    },
  );

  test.skipIf(k6 === null)(
    'a recording that is cut or damaged is INVALID, and is read as far as it goes',
    async () => {
      const recorded = await run(binary, load(GET));
      const file = path.join(recorded.directory, 'k6/samples-0.squall.gz');
      const bytes = await readFile(file);
      await truncate(file, Math.floor((await stat(file)).size * 0.6));
      const cut = await judgeRun(journalOf(recorded, { objectives }));
      expect(cut.verdict).toMatchObject({ verdict: 'INVALID' });
      expect(cut.verdict.reasons.join(' ')).toContain('its end is missing');
      expect(cut.verdict.phases[0]?.requests).toBeGreaterThan(10);
      await writeFile(file, bytes);
      const handle = await openFile(file, 'r+');
      await handle.write(Buffer.alloc(64, 0xff), 0, 64, Math.floor(bytes.length / 2));
      await handle.close();
      expect((await judgeRun(journalOf(recorded, { objectives }))).verdict.verdict).toBe('INVALID');
      await truncate(file, 0);
      expect((await judgeRun(journalOf(recorded, { objectives }))).verdict.verdict).toBe('INVALID');
    },
  );
});

const unjudged = { steadyWindowMs: 1000, objectives: [], stop: [], secrets: [] };

test('a stream that nobody ever writes to ends when it is told to', async () => {
  const { openSampleStream } = await import('./stream.ts');
  const directory = await mkdtemp(path.join(os.tmpdir(), 'squall-stream-'));
  const stream = await openSampleStream({
    ...unjudged,
    fifo: path.join(directory, 'f'),
    recording: path.join(directory, 'r.squall.gz'),
  });
  expect(await stream.finish()).toMatchObject({ complete: false });
  expect(await stream.firstSampleAt).toBeNull();
  await rm(directory, { recursive: true });
});

test.runIf(process.platform === 'linux')(
  'a reader that got no processor when the load was over reads what had come meanwhile, and the end of it',
  async () => {
    const directory = await mkdtemp(path.join(os.tmpdir(), 'squall-stream-'));
    const fifo = path.join(directory, 'f');
    const options = { ...unjudged, fifo, recording: path.join(directory, 'r.squall.gz') };
    // In a process of its own, which stops as a whole while it waits for the end.
    const program = path.join(directory, 'reader.mjs');
    const stream = JSON.stringify(entryPoint('orchestrator/samples/record/stream'));
    await writeFile(
      program,
      `const { openSampleStream } = await import(${stream});
      const stream = await openSampleStream(${JSON.stringify(options)});
      console.log('open');
      process.stdin.once('data', async () => {
        const end = stream.finish();
        setTimeout(() => process.kill(process.pid, 'SIGSTOP'), 100);
        console.log(JSON.stringify(await end));
        process.exit();
      });`,
    );
    const reader = execa(process.execPath, [program], { stdin: 'pipe' });
    let said = '';
    reader.stdout.on('data', (text: Buffer) => {
      said += text.toString();
    });
    await vi.waitUntil(() => said.includes('open'), { timeout: 60_000 });
    const k6 = createWriteStream(fifo);
    await once(k6, 'open');
    k6.write('metric_name,timestamp,metric_value,name,scenario,extra_tags,metadata\n');
    // It is never silent before.
    const writing = setInterval(() => k6.write('http_reqs,1795357229774519872,1.000000,n,s,,\n'), 20);
    reader.stdin.write('go');
    await vi.waitUntil(
      async () => (await readFile(`/proc/${reader.pid}/stat`, 'utf8')).includes(') T '),
      60_000,
    );
    clearInterval(writing);
    k6.end();
    await once(k6, 'close');
    await new Promise((resolve) => setTimeout(resolve, 500));
    reader.kill('SIGCONT');
    await reader;
    expect(said).toContain('"complete":true');
    await rm(directory, { recursive: true });
  },
);
