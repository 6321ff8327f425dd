import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

test('the SDK is loaded when a service is first used, and never by who only imports the provider', () => {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !/\.test\.ts$|^fixtures/.test(file),
  );
  expect(files.length).toBeGreaterThan(15);
  const loads = files.flatMap((file) => {
    const text = readFileSync(path.join(import.meta.dirname, file), 'utf8');
    return /^(import|export) (?!type )([^;(]* from )?['"]@(aws-sdk|smithy)\//m.test(text) ? [file] : [];
  });
  expect(loads).toEqual([]);
});
