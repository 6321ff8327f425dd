import { seededRandom } from '../orchestrator/statistics/random.ts';

/**
 * Simulated k6 output for the benches: what one load of `rate` requests a second writes, 13 lines a request, in k6's own order and
 * notation. Latencies are log-normal around 2 ms with a long tail; every 2000th request fails. Deterministic.
 *
 * Twenty seconds are made once; then the same twenty seconds are repeated with new times written over the old ones, because making 23
 * million lines one by one would take longer than everything that is measured with them.
 */
export interface SampleInput {
  readonly requests: number;
  readonly rate: number;
  readonly startMs: number;
  readonly format: 'csv' | 'json';
}

const NAMES = ['GET /health', 'GET /api/projects', 'POST /api/projects', 'GET /api/projects/:id'];
const CSV_HEADER =
  'metric_name,timestamp,metric_value,check,error,error_code,expected_response,group,method,name,proto,scenario,service,status,subproto,tls_version,url,extra_tags,metadata\n';
export const SAMPLES_PER_REQUEST = 13;
const BLOCK_SECONDS = 20;
const PIECE_BYTES = 1 << 17;

/** Bytes in pieces of about 128 kB, each a copy: a stream may still hold the last ones when the block is written over. */
export function* sampleInput({ requests, rate, startMs, format }: SampleInput): Generator<Uint8Array> {
  const blockRequests = BLOCK_SECONDS * rate;
  const random = seededRandom(42);
  if (format === 'csv') yield Buffer.from(CSV_HEADER);
  const block = makeBlock({ requests: Math.min(requests, blockRequests), rate, startMs, format }, random);
  for (let first = 0; first < requests; first += blockRequests) {
    if (first > 0) moveTimes(block, BLOCK_SECONDS * 1000);
    const count = Math.min(blockRequests, requests - first);
    const end = block.ends[count - 1] as number;
    for (let from = 0; from < end; from += PIECE_BYTES) {
      yield Uint8Array.prototype.slice.call(block.bytes, from, Math.min(end, from + PIECE_BYTES));
    }
  }
}

interface Block {
  readonly bytes: Buffer;
  /** Where each request's lines end. */
  readonly ends: Float64Array;
  /** Where each line's time begins, and its whole milliseconds. */
  readonly times: Uint32Array;
  readonly ms: Float64Array;
  readonly format: 'csv' | 'json';
}

function makeBlock(input: SampleInput, random: () => number): Block {
  const isCsv = input.format === 'csv';
  const pieces: Buffer[] = [];
  const ends = new Float64Array(input.requests);
  const times = new Uint32Array(input.requests * SAMPLES_PER_REQUEST);
  const ms = new Float64Array(input.requests);
  let length = 0;
  for (let i = 0; i < input.requests; i++) {
    const name = NAMES[Math.floor(random() ** 2 * NAMES.length)] as string;
    const failed = i % 2000 === 1999;
    const duration = Math.exp(Math.log(2) + 0.5 * normal(random)) * (random() < 0.01 ? 20 : 1);
    const end = input.startMs + (i * 1000) / input.rate + duration;
    ms[i] = Math.floor(end);
    const nanos = `${ms[i]}${String(Math.floor((end % 1) * 1e6)).padStart(6, '0')}`;
    const lines = requestLines(
      isCsv ? csvLine : jsonLine,
      nanos,
      duration,
      requestTags(name, failed),
      random,
    );
    for (const [n, line] of lines.entries()) {
      // Everything before a line's time is ASCII, so characters are bytes.
      times[i * SAMPLES_PER_REQUEST + n] =
        length + (isCsv ? line.indexOf(',') + 1 : line.indexOf('"time":"') + 8);
      const bytes = Buffer.from(line);
      pieces.push(bytes);
      length += bytes.length;
    }
    ends[i] = length;
  }
  return { bytes: Buffer.concat(pieces), ends, times, ms, format: input.format };
}

/** Writes later times over the existing ones: 13 digits in CSV, `2026-09-21T14:13:20.123` in JSON. */
function moveTimes({ bytes, times, ms, format }: Block, byMs: number): void {
  for (let i = 0; i < ms.length; i++) {
    ms[i] = (ms[i] as number) + byMs;
    const text = format === 'csv' ? String(ms[i]) : new Date(ms[i] as number).toISOString().slice(0, 23);
    for (let n = 0; n < SAMPLES_PER_REQUEST; n++) {
      const at = times[i * SAMPLES_PER_REQUEST + n] as number;
      for (let c = 0; c < text.length; c++) bytes[at + c] = text.charCodeAt(c);
    }
  }
}

type Line = (metric: string, nanos: string, value: number, tags: Tags) => string;

function requestLines(line: Line, nanos: string, duration: number, tags: Tags, random: () => number) {
  const iteration = { group: '', scenario: 'spike' };
  return [
    line('http_reqs', nanos, 1, tags),
    line('http_req_duration', nanos, duration, tags),
    line('http_req_blocked', nanos, random() * 0.01, tags),
    line('http_req_connecting', nanos, 0, tags),
    line('http_req_tls_handshaking', nanos, 0, tags),
    line('http_req_sending', nanos, random() * 0.05, tags),
    line('http_req_waiting', nanos, duration * 0.9, tags),
    line('http_req_receiving', nanos, duration * 0.08, tags),
    line('http_req_failed', nanos, tags.status === '200' ? 0 : 1, tags),
    line('data_sent', nanos, 120, iteration),
    line('data_received', nanos, 250, iteration),
    line('iteration_duration', nanos, duration + 0.1, iteration),
    line('iterations', nanos, 1, iteration),
  ];
}

type Tags = Readonly<Record<string, string>>;

function requestTags(name: string, failed: boolean): Tags {
  return {
    expected_response: String(!failed),
    group: '',
    method: name.slice(0, name.indexOf(' ')),
    name,
    proto: 'HTTP/1.1',
    scenario: 'spike',
    stage: 'plateau',
    status: failed ? '503' : '200',
    url: name,
  };
}

const COLUMNS = CSV_HEADER.trim().split(',').slice(3, -2);
const tails = new Map<Tags | string, string>();

function csvLine(metric: string, nanos: string, value: number, tags: Tags): string {
  const key = `${tags.name}${tags.status}${tags.scenario}`;
  let tail = tails.get(key);
  if (tail === undefined) {
    const extra = tags.stage === undefined ? '' : `stage=${tags.stage}`;
    tail = `${COLUMNS.map((column) => tags[column] ?? '').join(',')},${extra},\n`;
    tails.set(key, tail);
  }
  return `${metric},${nanos},${value.toFixed(6)},${tail}`;
}

/** As `--out json` writes it. */
function jsonLine(metric: string, nanos: string, value: number, tags: Tags): string {
  const time = `${new Date(Number(nanos.slice(0, 13))).toISOString().slice(0, 19)}.${nanos.slice(10)}Z`;
  return `${JSON.stringify({ metric, type: 'Point', data: { time, value: Number(value.toFixed(6)), tags } })}\n`;
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
