import { csvRecord } from '../orchestrator/samples/record/csv-record.ts';

/** The first line of k6's CSV, with the tags that it writes by default. */
export const HEADER =
  'metric_name,timestamp,metric_value,check,error,error_code,expected_response,group,method,name,proto,scenario,service,status,subproto,tls_version,url,extra_tags,metadata\n';

export interface CsvLine {
  metric: string;
  time?: string;
  value?: string;
  tags?: Record<string, string>;
  extra?: string;
  metadata?: string;
}

const COLUMNS = HEADER.trim().split(',').slice(3, -2);

/** One line as k6 writes it. */
export function line({
  metric,
  time = '1795357229774519872',
  value = '1.000000',
  tags = {},
  extra = '',
  metadata = '',
}: CsvLine): string {
  const fields = [metric, time, value, ...COLUMNS.map((c) => tags[c] ?? ''), extra, metadata];
  return `${csvRecord(fields)}\n`;
}

/** The nine lines of a request. */
export function request(name: string, time: string, duration: string, failed = false, extra = ''): string {
  const tags = { name, scenario: 's', expected_response: String(!failed) };
  const rows: [string, string][] = [
    ['http_reqs', '1.000000'],
    ['http_req_duration', duration],
    ['http_req_blocked', '0.500000'],
    ['http_req_connecting', '0.250000'],
    ['http_req_tls_handshaking', '0.000000'],
    ['http_req_sending', '0.010000'],
    ['http_req_waiting', '0.020000'],
    ['http_req_receiving', '0.030000'],
    ['http_req_failed', failed ? '1.000000' : '0.000000'],
  ];
  return rows.map(([metric, value]) => line({ metric, time, value, tags, extra })).join('');
}
