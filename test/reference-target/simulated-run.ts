import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { csvRecord } from '../../orchestrator/samples/record/csv-record.ts';
import { createRecorder } from '../../orchestrator/samples/record/recorder.ts';
import { recordingOf } from '../../orchestrator/samples/recording/recording.ts';
import type { SampleVisitor } from '../../orchestrator/samples/recording/records.ts';
import type { Recorded } from './recorded-run.ts';

/** One request of a simulated load, times in epoch milliseconds. */
export interface SimulatedRequest {
  readonly start: number;
  readonly durationMs: number;
  readonly failed: boolean;
  readonly name?: string;
}

const HEADER =
  'metric_name,timestamp,metric_value,check,error,error_code,expected_response,group,method,name,proto,scenario,service,status,subproto,tls_version,url,extra_tags,metadata\n';

/** k6's CSV for these requests and dropped iterations, where a real k6 would take too long for a test. */
export function simulatedCsv(requests: readonly SimulatedRequest[], dropped: readonly number[] = []): string {
  const events = [
    ...requests.map((r) => ({ at: r.start + r.durationMs, text: requestLines(r) })),
    ...dropped.map((at) => ({ at, text: `dropped_iterations,${nanos(at)},1.000000,,,,,,,,,load,,,,,,,\n` })),
  ].sort((a, b) => a.at - b.at);
  return HEADER + events.map((event) => event.text).join('');
}

/** A sample of a metric that is no HTTP request. */
export interface SimulatedSample {
  readonly metric: string;
  readonly at: number;
  readonly value: number;
  readonly name?: string;
  readonly status?: string;
  /** The script's own, as k6 joins them: `a=1&b=2`. */
  readonly tags?: string;
}

/** @param inOrder of time; k6 does not always write so */
export function samplesCsv(samples: readonly SimulatedSample[], inOrder = true): string {
  const lines = (inOrder ? samples.toSorted((a, b) => a.at - b.at) : samples).map(
    ({ metric, at, value, name = '', status = '', tags = '' }) =>
      `${metric},${nanos(at)},${value.toFixed(6)},,,,,,,${name},,load,,${status},,,,${tags},\n`,
  );
  return HEADER + lines.join('');
}

/** What k6 writes for a scenario that counts each acknowledged write with its id, one every millisecond. */
export function acknowledgementsCsv(ids: readonly string[], from: number): string {
  const lines = ids.map((id, i) => {
    const at = nanos(from + i);
    return `squall_writes_acknowledged,${at},1.000000,,,,,,,,,load,,,,,,,${csvRecord([`squall_write=${id}`])}\niterations,${at},1.000000,,,,,,,,,load,,,,,,,\n`;
  });
  return HEADER + lines.join('');
}

/** Writes one recording per text, as `judgeRun` looks for them: a load that ended well, from the first request on. Epoch ms. */
export function simulatedRun(texts: readonly string[], startedAt: number, endedAt: number): Recorded {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'squall-simulated-'));
  mkdirSync(path.join(directory, 'k6'));
  for (const [load, text] of texts.entries()) {
    writeFileSync(recordingOf(path.join(directory, 'k6'), load), recordingFrom(text));
  }
  return {
    directory,
    startedAt,
    endedAt,
    firstSampleAt: startedAt,
    exitCode: 0,
    signal: null,
    end: { complete: true, detail: '', samples: 1 },
    log: '',
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** The recording that a drill would have made of this text. */
export function recordingFrom(text: string): Buffer {
  const pieces: Uint8Array[] = [];
  const recorder = createRecorder(NOBODY, (piece) => pieces.push(piece));
  recorder.push(Buffer.from(text));
  recorder.end();
  return gzipSync(Buffer.concat(pieces), { level: 1 });
}

const NOBODY: SampleVisitor = { wants: () => false, request() {}, sample() {} };

function requestLines({ start, durationMs, failed, name = 'GET /' }: SimulatedRequest): string {
  const at = nanos(start + durationMs);
  const tags = `,,,${!failed},,GET,${name},HTTP/1.1,load,,${failed ? 500 : 200},,,${name},,`;
  const iteration = ',,,,,,,,load,,,,,,,';
  return [
    `http_reqs,${at},1.000000,${tags}`,
    `http_req_duration,${at},${durationMs.toFixed(6)},${tags}`,
    `http_req_blocked,${at},0.000000,${tags}`,
    `http_req_connecting,${at},0.000000,${tags}`,
    `http_req_tls_handshaking,${at},0.000000,${tags}`,
    `http_req_sending,${at},0.000000,${tags}`,
    `http_req_waiting,${at},${durationMs.toFixed(6)},${tags}`,
    `http_req_receiving,${at},0.000000,${tags}`,
    `http_req_failed,${at},${failed ? 1 : 0}.000000,${tags}`,
    `iteration_duration,${at},${durationMs.toFixed(6)},${iteration}`,
    `iterations,${at},1.000000,${iteration}`,
    '',
  ].join('\n');
}

function nanos(ms: number): string {
  const whole = Math.floor(ms);
  return `${whole}${String(Math.floor((ms - whole) * 1e6)).padStart(6, '0')}`;
}
