import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { afterEach, describe, expect, test } from 'vitest';
import which from 'which';
import { stringify } from 'yaml';
import { readRecord } from '../../orchestrator/gameday/record.ts';
import { type DrillFiles, squallEntry, writeDrill } from '../drill/run-drill.ts';
import { anyK6 } from '../k6.ts';
import { startTinyTarget, type TinyTarget } from '../tiny-target/tiny-target.ts';

const [k6, script] = await Promise.all([anyK6(), which('script', { nothrow: true })]);

describe.skipIf(k6 === null)('a game day on a small real server', () => {
  let target: TinyTarget | undefined;
  afterEach(() => target?.stop());

  test('without a terminal it is refused unless its pauses have a time, and nothing is made', async () => {
    const day = await set({ pause: 'people' });
    const { exitCode, stderr } = await squall(day, ['--out', day.out]);
    expect(exitCode).toBe(64);
    expect(stderr).toContain('standard input is no terminal, and people have to begin: first, second');
    expect(existsSync(day.out)).toBe(false);
  });

  test.skipIf(script === null)(
    'people at a terminal answer, Ctrl-C in a pause ends it, SIGKILL leaves a record, and it goes on where it was',
    async () => {
      const day = await set({ pause: 'people' });
      const first = atTerminal(day, ['--out', day.out]);
      await first.says('Is everybody there? (yes/no) >');
      first.types('yes\r');
      await first.says('What do you expect to see? >');
      first.types('it | holds\r');
      await first.says('first: Enter: begin, s: skip it, q: stop here >');
      first.types('\r');
      await first.says('What did you see? >', 30_000);
      first.types('it held\r');
      await first.says('What has to be done? (Enter: nothing) >');
      first.types('write a runbook\r');
      await first.says('Who does it? >');
      first.types('Ada\r');
      await first.says('What else? (Enter: nothing) >');
      first.types('\r');
      await first.says('Part 2 of 2: second');
      await first.says('What do you expect to see? >');
      first.types('\u0003');
      expect(await first.ended).toBe(2);
      expect(day.markdown()).toContain('**Not ended: stopped before part 2 \\(second\\)\\: Ctrl\\-C.**');
      expect(day.markdown()).toContain('**Expected by the people** it &#124; holds');
      expect(day.markdown()).toMatch(/\| write a runbook \| Ada +\| `first` +\|/);

      const killed = atTerminal(day, ['--resume', day.out]);
      await killed.says('What do you expect to see? >');
      process.kill(killed.pid(), 'SIGKILL');
      await killed.ended;
      expect(readRecord(day.out).at(-1)?.event).toEqual({ type: 'waiting', part: 1 });
      expect(day.markdown()).toContain('**Not ended: under way, or cut off, before part 2 \\(second\\).**');
      expect(
        readdirSync(path.join(path.dirname(day.out), 'state', 'squall', 'active'), { recursive: true }),
      ).toEqual([]);

      const last = await squall(day, ['--resume', day.out, '--yes']);
      expect(last.exitCode, last.stderr).toBe(0);
      expect(day.markdown()).toMatch(/^# Game day tiny: PASS\n/);
      const started = readRecord(day.out).flatMap(({ event }) =>
        event.type === 'part-started' ? [event.part] : [],
      );
      expect(started).toEqual([0, 1]);
      const again = await squall(day, ['--resume', day.out, '--yes']);
      expect(again.exitCode).toBe(64);
    },
  );

  test('a signal while a drill runs ends both, and the drill has undone everything', async () => {
    const day = await set({ pause: '100ms' }, '30s');
    const running = squall(day, ['--out', day.out]);
    await until(() => existsSync(path.join(day.out, '1-first', 'k6', 'samples-0.squall.gz')));
    running.kill('SIGTERM');
    const { exitCode } = await running;
    expect(exitCode).toBe(2);
    expect(day.markdown()).toContain('stopped after part 1 \\(first\\)\\: SIGTERM received');
    expect(existsSync(path.join(day.out, '2-second'))).toBe(false);
    expect(
      readRecord(day.out).flatMap(({ event }) => (event.type === 'part-ended' ? [event.result.verdict] : [])),
    ).toEqual(['INVALID']);
  });

  async function set(part: object, duration = '3s') {
    target = await startTinyTarget();
    const files = writeDrill(
      target,
      { load: [{ script: 'script.js', vars: { RATE: '20', DURATION: duration } }] },
      {},
      k6?.path,
    );
    const file = path.join(path.dirname(files.drill), 'day.yaml');
    const one = { drill: 'drill.yaml', hypothesis: 'It goes on, because nothing breaks.', ...part };
    writeFileSync(
      file,
      stringify({
        ...{ name: 'tiny', before: ['Is everybody there?'], after: [] },
        parts: [
          { ...one, name: 'first' },
          { ...one, name: 'second' },
        ],
      }),
    );
    const out = path.join(path.dirname(file), 'gameday');
    return { ...files, file, out, markdown: () => readFileSync(path.join(out, 'gameday.md'), 'utf8') };
  }
});

type Day = DrillFiles & { readonly file: string };

function squall({ file, environment, env }: Day, args: readonly string[]) {
  return execa(process.execPath, [squallEntry, 'gameday', file, '--env', environment, ...args], {
    ...{ env, reject: false, stdin: 'ignore', timeout: 60_000, forceKillAfterDelay: false },
  });
}

/** A real pseudo-terminal, by script(1). */
function atTerminal({ file, environment, env }: Day, args: readonly string[]) {
  const words = [process.execPath, squallEntry, 'gameday', file, '--env', environment, ...args];
  const line = `exec ${words.map((word) => `'${word}'`).join(' ')}`;
  const child: ChildProcess = spawn('script', ['-qfec', line, '/dev/null'], {
    env: { ...process.env, ...env, TERM: 'xterm', CI: '' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout?.on('data', (chunk) => {
    said += String(chunk);
  });
  return {
    pid: () => Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim()),
    types: (text: string) => void child.stdin?.write(text),
    /** Waits for it after what was waited for before. */
    async says(text: string, withinMs = 20_000) {
      const end = Date.now() + withinMs;
      await until(() => said.includes(text) || Date.now() > end);
      const at = said.indexOf(text);
      if (at === -1) throw new Error(`it does not say "${text}" but:\n${said}`);
      said = said.slice(at + text.length);
    },
    ended: once(child, 'exit').then(([code]) => code as number),
  };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}
