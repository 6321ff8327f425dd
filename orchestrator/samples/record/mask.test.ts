import { expect, test } from 'vitest';
import { HEADER, line, request } from '../../../test/csv-lines.ts';
import { createCsvText } from '../recording/csv-text.ts';
import { createCsvScan } from './csv-scan.ts';
import { maskTexts } from './mask.ts';
import { createRecorder } from './recorder.ts';

/** What is left of these lines, and how many of them were read as samples. */
function masked(lines: string, secrets: readonly string[], size = 1_000): { text: string; samples: number } {
  const pieces: Buffer[] = [];
  const text = createCsvText((piece) => pieces.push(piece));
  const scan = createCsvScan(maskTexts(text, secrets));
  const bytes = Buffer.from(HEADER + lines);
  for (let from = 0; from < bytes.length; from += size) scan.push(bytes.subarray(from, from + size));
  const { samples } = scan.end();
  text.flush();
  return { text: Buffer.concat(pieces).toString().slice(HEADER.length), samples };
}

const secret = 's3cret-é';
const stars = '*********';

test('a secret becomes stars, a byte each, in tags, metadata, metrics and lines that are no samples, wherever the stream is cut', () => {
  const said = (text: string, name: string) =>
    [
      line({ metric: 'http_reqs', tags: { url: `http://h/?token=${text}&a=1` } }),
      line({ metric: 'http_reqs', tags: { url: `http://h/?token=${text}&a=1` } }),
      line({ metric: 'own', extra: `who=${text}&what=1`, metadata: text }),
      line({ metric: name }),
      `panic: ${text}\n`,
    ].join('');
  for (const size of [1, 7, 1_000])
    expect(masked(said(secret, 'm_t0ken'), [secret, 't0ken'], size).text).toBe(said(stars, 'm_*****'));
});

test('a secret that holds another one goes as a whole, and also as a URL encodes it', () => {
  const said = (name: string) => line({ metric: 'own', tags: { name } });
  expect(masked(said('a=pass b=password c=p%40ss'), ['pass', 'password', 'p@ss']).text).toBe(
    said('a=**** b=******** c=******'),
  );
});

test('a secret with the signs of CSV in it is found, and the columns stay', () => {
  const awkward = 'to"k,en""';
  const said = (text: string) =>
    [
      line({ metric: 'own', tags: { name: `say "${text}", now` }, metadata: `id ${text}` }),
      line({ metric: 'own', tags: { name: 'k', url: 'en' } }),
    ].join('');
  expect(masked(said(awkward), [awkward, 'k,,']).text).toBe(said('*********'));
  expect(masked('no sample: to""k,en""""\n', [awkward]).text).toBe('no sample: ************\n');
});

test('a secret that is a number changes no time, no value, and no verdict on a request', () => {
  const lines =
    line({
      metric: 'http_reqs',
      time: '1795200229774200872',
      value: '200.200000',
      tags: { status: '200', error_code: '1200', expected_response: 'true' },
    }) + line({ metric: 'own', value: '2e+200' });
  expect(masked(lines, ['200', '1200', 'true'])).toEqual({ text: lines, samples: 2 });
  expect(masked(line({ metric: 'own', tags: { status: 'pin 200' } }), ['200']).text).toContain('pin ***');
});

test('a secret hides nothing that the verdict looks for by name', () => {
  const secrets = ['iterations', 'dropped', 'squall', 'write', 'setup', 'teardown', 'http_req'];
  const lines = [
    line({ metric: 'dropped_iterations' }),
    line({ metric: 'iterations' }),
    line({ metric: 'squall_writes_acknowledged', metadata: 'squall_write=4711' }),
    line({ metric: 'squall_writes_acknowledged', metadata: 'a=1&squall_write=4711' }),
    line({ metric: 'http_reqs', tags: { group: '::setup' } }),
    line({ metric: 'http_reqs', tags: { group: '::teardown' } }),
  ].join('');
  expect(masked(lines, secrets).text).toBe(lines);
  const own = (text: string) =>
    line({ metric: `my_${text}`, tags: { group: `::setup::${text}` }, metadata: `squall_write=${text}` });
  expect(masked(own('squall'), secrets).text).toBe(own('******'));
});

test('whoever watches while it is recorded sees no secret either', () => {
  const names: (string | undefined)[] = [];
  const visitor = {
    wants: () => false,
    request: ({ tags }: { tags: Readonly<Record<string, string>> }) => names.push(tags.name),
    sample() {},
  };
  const recorder = createRecorder(visitor, () => {}, ['s3cret']);
  recorder.push(Buffer.from(HEADER + request('GET /s3cret', '1795357229774519872', '12.000000')));
  expect(recorder.end().detail).toBe('');
  expect(names).toEqual(['GET /******']);
});
