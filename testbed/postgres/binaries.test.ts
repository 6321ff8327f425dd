import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { requireOwn } from './binaries.ts';

test('programs in the temporary directory are run only if this user alone can have put them there', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'squall-binaries-'));
  const copy = path.join(folder, 'copy');
  const refused = () => requireOwn(copy);
  try {
    mkdirSync(copy, { mode: 0o755 });
    expect(refused).not.toThrow();
    chmodSync(copy, 0o777);
    expect(refused).toThrow(`testbed: ${copy} was not made by this user`);
    chmodSync(copy, 0o755);
    if (process.getuid?.() === 0) {
      chownSync(copy, 12_345, 12_345);
      expect(refused).toThrow('set TMPDIR');
    }
    rmSync(copy, { recursive: true });
    symlinkSync(folder, copy);
    expect(refused).toThrow('was not made by this user');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
