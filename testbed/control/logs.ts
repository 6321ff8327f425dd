import { copyFileSync, readdirSync, statSync, truncateSync } from 'node:fs';
import path from 'node:path';

const maxBytes = 8 * 1024 * 1024;

/** Truncates logs that have grown too large, and keeps the latest part beside them. Their writers append, so they just go on. */
export function boundLogs(folder: string): void {
  for (const entry of readdirSync(folder)) {
    const file = path.join(folder, entry);
    if (!entry.endsWith('.log') || statSync(file).size <= maxBytes) continue;
    copyFileSync(file, `${file}.1`);
    truncateSync(file, 0);
  }
}
