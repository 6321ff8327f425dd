import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, test } from 'vitest';
import { readJournal } from '../../orchestrator/journal/read-journal.ts';
import { everyShortFault, type ShortFault, shortFaults } from '../drill/faults.ts';
import { drillArguments, runToEnd, squallEntry, writeDrill } from '../drill/run-drill.ts';
import { anyK6 } from '../k6.ts';
import { isFrozen, markOf, survivors } from '../survivors.ts';
import { startTinyTarget, type TinyTarget } from '../tiny-target/tiny-target.ts';
import { inParallel, trials } from '../trials.ts';

const k6 = await anyK6();
/** A mount namespace of our own: nobody else uses the small disk, and it goes away with the shell that made it. */
const namespace = process.getuid?.() === 0 ? ['unshare', '-m'] : ['unshare', '-rm'];
const mounts = await execa('sh', ['-c', `${namespace.join(' ')} mount -t tmpfs tmpfs /tmp`], {
  reject: false,
});
const testable = k6 !== null && mounts.exitCode === 0;

/** Runs the rest of its arguments with $2 on a disk of $1 KiB. What is on it at the end stays in $2. */
const ON_A_SMALL_DISK = `
size=$1 at=$2; shift 2
mount -t tmpfs -o size="$size"k tmpfs "$at" || exit 99
"$@"; code=$?
i=0; cp -r "$at" "$at.kept"; until umount "$at" 2>/dev/null || [ $((i += 1)) -gt 50 ]; do sleep 0.1; done; cp -r "$at.kept/." "$at"; rm -r "$at.kept"
exit $code`;

const open = new Set<TinyTarget>();
afterAll(() => Promise.all([...open].map((target) => target.stop())));

/** What a run needs if there is space, in pages of 4 KiB: a smaller disk fills up. */
async function pagesOfAWholeRun(): Promise<number> {
  const target = await startTinyTarget();
  try {
    const files = writeDrill(target, { faults: [shortFaults.latency] }, {}, k6?.path);
    await runToEnd(files);
    const names = readdirSync(files.out, { recursive: true, encoding: 'utf8' });
    const sizes = names.map((name) => statSync(path.join(files.out, name))).filter((one) => one.isFile());
    return sizes.reduce((sum, { size }) => sum + Math.ceil(size / 4096), 0);
  } finally {
    await target.stop();
  }
}

describe.skipIf(!testable)('a disk that is full', () => {
  test('at any time ends the drill with a clear message: faults out, never PASS, nothing left', {
    timeout: 3_600_000,
  }, async () => {
    const wholePages = await pagesOfAWholeRun();
    const { count, random } = trials('disk full', { full: 100, sample: 3 });
    // A small sample begins with another kind each time.
    const first = Math.floor(random() * everyShortFault.length);
    await inParallel(count, 3, async (index) => {
      const target = await startTinyTarget();
      open.add(target);
      const disk = path.join(target.directory, 'disk');
      mkdirSync(disk);
      const kind = everyShortFault[(first + index) % everyShortFault.length] as ShortFault;
      const files = writeDrill(target, { faults: [shortFaults[kind]] }, {}, k6?.path);
      const out = path.join(disk, 'run');
      // From "not even the first line" to "everything but the last part of the report".
      const sizeKb = 4 + 4 * Math.floor(random() ** 2 * 0.9 * wholePages);
      const { mark, env } = markOf(`disk-${index}`);
      const { exitCode, stdout, stderr } = await execa(
        namespace[0] as string,
        [
          namespace[1] as string,
          'sh',
          '-c',
          ON_A_SMALL_DISK,
          'sh',
          String(sizeKb),
          disk,
          process.execPath,
          ...drillArguments({ ...files, out }),
          '--json',
        ],
        { env: { ...files.env, ...env }, reject: false, timeout: 90_000, stdin: 'ignore' },
      );
      const said = `${kind} on ${sizeKb} KiB, exit ${exitCode}: ${stderr}`;
      expect(exitCode, said).toBe(2);
      expect(stderr, said).toMatch(/ENOSPC|no space left/i);
      expect(stderr, said).not.toMatch(/\n\s+at /);
      if (stdout !== '') expect(JSON.parse(stdout).residue, said).toEqual([]);
      expect(survivors(mark), said).toEqual([]);
      expect(isFrozen(target.pid()), said).toBe(false);
      const journal = path.join(out, 'journal.jsonl');
      if (existsSync(journal))
        expect(readJournal(journal).damage, said + readFileSync(journal, 'utf8')).toBeNull();
      // Now that there is space again, what the run still holds is released.
      const recovered = await execa(process.execPath, [squallEntry, 'recover'], {
        env: files.env,
        reject: false,
      });
      expect(recovered.exitCode, said + String(recovered.stdout)).toBe(0);
      await target.stop();
      open.delete(target);
    });
  });
});
