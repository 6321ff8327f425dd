import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { judgeRun } from '../../orchestrator/judge/judge.ts';
import { k6OfEachMajor } from '../k6.ts';
import { journalOf, type Recorded, recordRun } from '../reference-target/recorded-run.ts';
import { inParallel, trials } from '../trials.ts';
import { evenRandom, NAMES, randomScript } from './random-script.ts';

/** Requests and failures by name, in the order of NAMES: `7/2`. */
type Counts = string[];

const majors = (await k6OfEachMajor()).filter(({ k6 }) => k6 !== null);

test.skipIf(majors.length === 0)(
  'requests and failures by name are those of k6 itself and of the target, whatever the script',
  async () => {
    const { count, seed } = trials('random scripts', { full: 300, sample: 20 });
    const random = evenRandom(seed);
    const scripts = Array.from({ length: count }, () => randomScript(random));
    let requests = 0;
    await inParallel(count, 2, async (index) => {
      const script = scripts[index] as string;
      const { squall, k6, target, sent } = await countThrice(
        script,
        majors[index % majors.length]?.k6?.path ?? '',
      );
      expect.soft(squall, `squall against k6's JSON, script ${index}:\n${script}`).toEqual(k6);
      expect.soft(squall, `squall against the target, script ${index}:\n${script}`).toEqual(target);
      requests += sent;
    });
    expect(requests).toBeGreaterThan(count);
  },
  3_600_000,
);

async function countThrice(script: string, k6: string) {
  const judges = /setResponseCallback\((.*)\);/.exec(script)?.[1] ?? 'default';
  const target = await startTarget(judges);
  const directory = mkdtempSync(path.join(os.tmpdir(), 'squall-points-'));
  const points = path.join(directory, 'points.json');
  let recorded: Recorded | null = null;
  try {
    recorded = await recordRun({
      k6,
      script,
      args: [`--env=BASE_URL=${target.url}`, `--out=json=${points}`],
    });
    expect(recorded.end, script).toMatchObject({ complete: true, detail: '' });
    return {
      squall: await countedBySquall(recorded),
      k6: countedByK6(readFileSync(points, 'utf8')),
      target: target.counts(),
      sent: target.requests(),
    };
  } finally {
    recorded?.remove();
    rmSync(directory, { recursive: true, force: true });
    await target.close();
  }
}

async function countedBySquall(recorded: Recorded): Promise<Counts> {
  const objectives = NAMES.map((name, i) => ({
    name: `name-${i}`,
    where: { name },
    errors: true as const,
    below: '50%',
    phase: 'all',
    minSamples: 1,
  }));
  const { verdict } = await judgeRun(journalOf(recorded, { objectives }));
  return verdict.objectives.map(
    ({ measured, samples }) => `${samples}/${Math.round((measured ?? 0) * samples)}`,
  );
}

/** From k6's JSON: a line a sample, the tags as an object. */
function countedByK6(json: string): Counts {
  const requests = new Map<string, number>();
  const failed = new Map<string, number>();
  const judged = new Map<string, number>();
  const add = (to: Map<string, number>, name: string, value = 1) => to.set(name, (to.get(name) ?? 0) + value);
  for (const line of json.split('\n')) {
    if (!line.includes('"type":"Point"')) continue;
    const { metric, data } = JSON.parse(line) as {
      metric: string;
      data: { value: number; tags: Record<string, string> };
    };
    // setup() and teardown() are in no scenario.
    if (data.tags.scenario === undefined) continue;
    const name = data.tags.name ?? '';
    const isBad = Number(data.tags.status) >= 400;
    if (metric === 'http_reqs') {
      add(requests, name);
      if (isBad) add(failed, name);
    } else if (metric === 'http_req_failed') {
      // What k6 has judged counts as judged, and not by its status.
      add(judged, name);
      add(failed, name, data.value - Number(isBad));
    }
  }
  return NAMES.map((name) => `${requests.get(name) ?? 0}/${failed.get(name) ?? 0}`);
}

/** Answers each request with the status that its path asks for, and writes down what it was. */
async function startTarget(ofScript: string) {
  const seen = NAMES.map(() => ({ requests: 0, failed: 0 }));
  let all = 0;
  const server = createServer((request, response) => {
    const status = Number((request.url ?? '').slice(1));
    const { 'x-phase': phase, 'x-name': name, 'x-judge': judge } = request.headers;
    const own = seen[Number(name)];
    all += 1;
    if (phase === 'load' && own !== undefined) {
      own.requests += 1;
      if (!isExpected(status, judge === 'undefined' ? ofScript : String(judge))) own.failed += 1;
    }
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts: (): Counts => seen.map(({ requests, failed }) => `${requests}/${failed}`),
    requests: () => all,
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** By the text of the script's callback; without one, or with `null`, by k6's default. */
function isExpected(status: number, callback: string): boolean {
  if (callback === 'all') return true;
  const statuses = /expectedStatuses\((.*)\)/.exec(callback)?.[1]?.split(',').map(Number);
  return statuses?.includes(status) ?? (status >= 200 && status < 400);
}
