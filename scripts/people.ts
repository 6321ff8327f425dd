import { createInterface } from 'node:readline/promises';
import { sleep } from '../orchestrator/clock.ts';
import { type People, Stopped } from '../orchestrator/gameday/run-gameday.ts';
import { duration } from '../orchestrator/report/text/format.ts';
import { terminalLine } from '../orchestrator/report/text/terminal-text.ts';

/** Asks at the terminal. A signal, Ctrl-C and the end of the input end the game day. */
export function peopleAtTerminal(stop: AbortSignal): People {
  return {
    present: true,
    async pause(what, ms) {
      const when = ms === null ? 'Enter: begin' : `begins in ${duration(ms)}; Enter: now`;
      for (;;) {
        const answer = await prompt(`${what}: ${when}, s: skip it, q: stop here`, stop, ms);
        if (answer === null || answer === '') return 'go';
        if (/^s(kip)?$/i.test(answer)) return 'skip';
        if (/^q(uit)?$/i.test(answer)) throw new Stopped('people said so');
      }
    },
    ask: async (question) => (await prompt(question, stop, null)) ?? '',
    async confirm(question) {
      const answer = (await prompt(`${question} (yes/no)`, stop, null)) ?? '';
      return { ok: /^y(es)?$/i.test(answer), answer: answer === '' ? 'no answer' : answer };
    },
    say: (text) => void process.stderr.write(`${text}\n`),
  };
}

/** Nobody is asked. @param waits pauses that have a time take it */
export function nobody(waits: boolean, stop: AbortSignal): People {
  const ifStopped = () => {
    if (stop.aborted) throw stop.reason;
  };
  return {
    present: false,
    async pause(_, ms) {
      ifStopped();
      if (waits && ms !== null) await sleep(ms, stop);
      ifStopped();
      return 'go';
    },
    ask: async () => '',
    confirm: async () => ({ ok: true, answer: '' }),
    say: (text) => void process.stderr.write(`${text}\n`),
  };
}

/** Null when the time is up. A prompt of its own each time: between prompts the terminal belongs to the drill, its Ctrl-C too. */
async function prompt(text: string, stop: AbortSignal, ms: number | null): Promise<string | null> {
  if (stop.aborted) throw stop.reason;
  const over = new AbortController();
  const end = (reason: unknown) => over.abort(reason);
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: true });
  const onStop = () => end(stop.reason);
  stop.addEventListener('abort', onStop, { once: true });
  lines.once('SIGINT', () => end(new Stopped('Ctrl-C')));
  lines.once('close', () => end(new Stopped('standard input was closed')));
  const timer = ms === null ? undefined : setTimeout(() => end(TIME_IS_UP), ms);
  try {
    return (await lines.question(`${terminalLine(text)} > `, { signal: over.signal }))
      .trim()
      .slice(0, MAX_ANSWER);
  } catch {
    process.stderr.write('\n');
    if (over.signal.reason === TIME_IS_UP) return null;
    throw over.signal.reason;
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', onStop);
    lines.close();
  }
}

const TIME_IS_UP = Symbol('time is up');
const MAX_ANSWER = 2_000;
