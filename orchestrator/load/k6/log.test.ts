import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { readLog } from './log.ts';

test('the first failed request that k6 warns of and its last error are kept, without secrets', async () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'squall-log-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = path.join(directory, 'k6-0.log');
  const lines = [
    { level: 'warning', msg: 'an option is deprecated' },
    { level: 'warning', msg: 'Request Failed', error: 'invalid URL: "canary:80/": no colon' },
    { level: 'warning', msg: 'Request Failed', error: 'another one' },
    { level: 'error', msg: 'first' },
    { level: 'error', msg: 'the canary sang' },
  ];
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  const read = await readLog(Readable.from([text, 'not json "level":"warning"\n']), file, (one) =>
    one.replaceAll('canary', '***'),
  );
  expect(read).toEqual({
    scriptErrors: 0,
    thrown: [],
    firstFailure: 'invalid URL: "***:80/": no colon',
    lastError: 'the *** sang',
  });
  expect(readFileSync(file, 'utf8')).not.toContain('canary');
});
