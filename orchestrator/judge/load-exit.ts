import type { LoadEnded } from '../journal/events.ts';
import { clockText, type Finding } from './finding.ts';

export interface ExitOf {
  /** For people: `Load 1 (spike)`. */
  readonly name: string;
  /** The advice to read its log. */
  readonly log: string;
  readonly isScript: boolean;
  readonly wasStopped: boolean;
  /** Nobody had answered anything when squall stopped it. */
  readonly isUnreached: boolean;
  /** A scenario had begun, so setup() was over. Null: not known. */
  readonly hasBegun: boolean | null;
}

/** What k6's exit says about a load; null when it is fine, or told by another finding. `at`: epoch ms. */
export function exitFinding(
  { at, event }: { readonly at: number; readonly event: LoadEnded },
  load: ExitOf,
): Finding | null {
  const { exitCode, signal } = event;
  const { log, isScript, wasStopped, isUnreached } = load;
  const name = event.which === undefined ? load.name : `${load.name}, ${event.which}`;
  const said = quoted(event);
  if (exitCode === 0) return null;
  if (exitCode === 99) {
    // A scenario's thresholds span the faults; the drill's objectives are judged by phase instead. Without a target, none says anything.
    if (!isScript || isUnreached) return null;
    return {
      result: 'FAIL',
      text: `${name}: thresholds that the script itself sets were crossed (k6 exit code 99)${said}.`,
      consequence: 'this promise is broken',
      advice: `${log}: it names them.`,
    };
  }
  if (exitCode === 110) {
    return {
      result: 'FAIL',
      text: `${name}: the script declared the test failed (k6 exit code 110)${said}.`,
      consequence: 'this promise is broken',
      advice: `${log}: it may say why.`,
    };
  }
  if (wasStopped && isScript && signal === 'SIGKILL') {
    return {
      result: 'NOTE',
      text: `${name}: k6 did not end when it was asked to, and was killed: if the script has a teardown(), what it clears away may still be there.`,
    };
  }
  // Squall stopped it; the stop is a finding of its own.
  if (wasStopped && (signal !== null || exitCode === 105)) return null;
  const mend = `${log}, mend what it names, and run again.`;
  const outside = outsideOfLoad(event, load.hasBegun);
  if (outside?.when === 'before') {
    return {
      result: 'INVALID',
      text: `${name}: ${outside.what} at ${clockText(at)}, before its load began${said}.`,
      consequence: 'there was no load',
      advice: mend,
      cutAt: at,
    };
  }
  if (outside?.when === 'after') {
    return {
      result: 'INVALID',
      text: `${name}: ${outside.what} at ${clockText(at)}, after its load had ended${said}.`,
      consequence: 'what it should have checked or cleared away is not known',
      advice: mend,
    };
  }
  const meaning = exitCode === null ? '' : (K6_EXIT[exitCode] ?? '');
  const how =
    exitCode === null
      ? `was killed by ${signal ?? 'an unknown signal'}`
      : `exited with ${exitCode}${meaning}`;
  return {
    result: 'INVALID',
    text: `${name}: k6 ${how} at ${clockText(at)}${said}.`,
    consequence: 'the load is not whole',
    advice:
      signal === 'SIGKILL'
        ? 'Find out who killed it: `dmesg` names what the kernel killed when memory ran out. Then use fewer VUs, or more memory, and run again.'
        : mend,
    cutAt: at,
  };
}

/** Did the script end before one iteration of it could begin? */
export function threwBeforeLoad(ended: LoadEnded, hasBegun: boolean | null): boolean {
  return outsideOfLoad(ended, hasBegun)?.when === 'before';
}

/** What happened outside of the iterations, which is not a hole in the load; null: it was not there, or it is not known where. */
function outsideOfLoad(
  { exitCode, lastError = '' }: LoadEnded,
  hasBegun: boolean | null,
): { readonly when: 'before' | 'after'; readonly what: string } | null {
  switch (exitCode) {
    case 100:
      return { when: 'before', what: 'setup() of the script took too long' };
    case 101:
      return { when: 'after', what: 'teardown() of the script took too long' };
    case 107:
      // The error of an iteration does not end k6. A bundler may have renamed the functions.
      if (/\sat setup \(/.test(lastError))
        return { when: 'before', what: 'setup() of the script threw an error' };
      if (hasBegun === true || /\sat teardown \(/.test(lastError))
        return { when: 'after', what: 'teardown() of the script threw an error' };
      return hasBegun === false ? { when: 'before', what: 'the script threw an error' } : null;
    default:
      return null;
  }
}

/** What k6 said, without the stack, which its log has. */
function quoted({ lastError = '' }: LoadEnded): string {
  const line = firstLine(lastError);
  return line === '' ? '' : `; k6 said: "${line}"`;
}

/** An error in one line, without its stack. */
export function firstLine(error: string): string {
  const [message = ''] = error.split(/\n\s+at /);
  const line = message.replace(/\s+/g, ' ').trim();
  return line.length > MOST_SAID ? `${line.slice(0, MOST_SAID)}…` : line;
}

const MOST_SAID = 200;

/** k6's own list (errext/exitcodes). */
const K6_EXIT: Readonly<Record<number, string>> = {
  104: ' (bad configuration)',
  105: ' (ended by a signal)',
  107: ' (exception in the script)',
  108: ' (the script aborted the test)',
  109: ' (k6 panicked)',
};
