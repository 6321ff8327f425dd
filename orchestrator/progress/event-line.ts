import type { JournalEvent } from '../journal/events.ts';
import { describeDamage } from '../journal/read-journal.ts';
import { alertTitle, refusalTitle } from '../report/facts.ts';
import { count, duration } from '../report/text/format.ts';
import { shortPath } from '../report/text/terminal-text.ts';
import { duplicatedText } from '../report/text/writes.ts';

export type Tone = 'good' | 'bad' | 'plain';

/** What a person is told of an event, in one line; null for those that only the journal needs. Text is not yet made fit for a terminal. */
export function eventLine(event: JournalEvent): { readonly tone: Tone; readonly text: string } | null {
  switch (event.type) {
    case 'run-started':
      return say('plain', `drill ${event.drill.name} on ${event.environment}, run ${event.run}`);
    case 'note':
      return say('plain', event.text);
    case 'load-started':
      return say(
        'plain',
        `load started: ${shortPath(event.script)} (k6 ${event.k6}${event.pid === null ? '' : `, pid ${event.pid}`})`,
      );
    case 'load-runners':
      return say('plain', runnersLine(event));
    case 'first-sample':
      return say('plain', 'first sample: the timeline starts here');
    case 'steady-held':
      return say('good', `✔ steady state held for ${duration(event.forMs)}`);
    case 'steady-failed':
      return say('bad', `✖ no steady state: ${event.reason}`);
    case 'fault-injecting':
      return say('plain', `… ${event.fault}: injecting into ${event.targets.join(', ')}`);
    case 'fault-injected':
      return say('bad', `▼ ${event.fault} is in: ${event.evidence.seen.join('; ')}`);
    case 'fault-unproven':
      return say('bad', `? ${event.fault}: no evidence that it took effect: ${event.reason}`);
    case 'fault-reverting':
      return say('plain', `… ${event.fault}: taking it away`);
    case 'fault-ended':
      return say('good', `▲ ${event.fault} is out: ${event.evidence.seen.join('; ')}`);
    case 'fault-end-unproven':
      return say('bad', `? ${event.fault}: no evidence that it ended: ${event.reason}`);
    case 'undo-done':
      return undoLine(event);
    case 'alert':
      return say('plain', `! alert ${event.alert.status}: ${alertTitle(event.alert)}`);
    case 'probe':
      return say(event.ok ? 'good' : 'bad', `${event.ok ? '✔' : '✖'} probe ${event.name}: ${event.detail}`);
    case 'load-ended':
      return say(
        event.exitCode === 0 && event.streamComplete ? 'plain' : 'bad',
        `load ended: ${event.signal === null ? `exit code ${event.exitCode}` : `signal ${event.signal}`}, samples ${event.streamComplete ? 'complete' : `INCOMPLETE (${event.streamDetail})`}${event.scriptErrors > 0 ? `, ${count(event.scriptErrors)} script errors` : ''}`,
      );
    case 'writes-checked':
      return writesLine(event);
    case 'stopped':
      return say('bad', `■ stopped (${event.cause}): ${event.reason}`);
    case 'declared-clean':
      return say('plain', `declared clean by hand: ${declared(event).join('; ')}`);
    case 'residue':
      return say('bad', `! left behind: ${event.what}; remove with: ${event.command}`);
    case 'fault-use':
      return useLine(event);
    case 'alerts-refused':
      return say('bad', `! refused: ${refusalTitle(event)}`);
    case 'undo-armed':
    case 'machine':
    case 'run-ended':
      return null;
  }
}

/** Alone, a use that cannot be told decides nothing yet: a request that notices the fault proves it as well. */
function useLine({ fault, use }: Extract<JournalEvent, { type: 'fault-use' }>): ReturnType<typeof eventLine> {
  if (use.inUse === true) return null;
  const seen = use.seen.join('; ');
  return use.inUse === false
    ? say('bad', `? ${fault}: not in use: ${seen}`)
    : say('plain', `? ${fault}: a request has to notice it, because its use is not clear: ${seen}`);
}

function declared({ damage, records = [] }: Extract<JournalEvent, { type: 'declared-clean' }>): string[] {
  return [...damage.map(describeDamage), ...records.map(({ what }) => what)];
}

function undoLine(event: Extract<JournalEvent, { type: 'undo-done' }>) {
  if (event.outcome.state === 'failed')
    return say('bad', `✖ undo ${event.id} failed: ${event.outcome.detail}`);
  // The ordinary undo is told by `is out`; one by somebody else is news.
  return event.by === 'orchestrator' ? null : say('plain', `undone by the ${event.by}: ${event.id}`);
}

function runnersLine({ runners }: Extract<JournalEvent, { type: 'load-runners' }>): string {
  const began = runners.flatMap(({ beganAt }) => beganAt ?? []);
  const skew = duration(Math.max(...began) - Math.min(...began));
  const clocks = Math.max(...runners.map(({ clockOffsetMs }) => Math.abs(clockOffsetMs)));
  const sharpness = Math.max(...runners.map(({ plusMinusMs }) => plusMinusMs));
  const who =
    runners.length === 1
      ? 'the runner sends requests'
      : `all ${count(runners.length)} runners send requests, the last one ${skew} after the first`;
  return `${who}; clocks off by up to ${clocks.toFixed(1)} ms (± ${sharpness.toFixed(1)} ms), corrected`;
}

function writesLine(event: Extract<JournalEvent, { type: 'writes-checked' }>) {
  if (event.failure !== null) return say('bad', `? writes could not be checked: ${event.failure}`);
  const wrong = event.lostIds.length + event.duplicatedIds.length;
  return say(
    wrong === 0 ? 'good' : 'bad',
    `${wrong === 0 ? '✔' : '✖'} writes: ${count(event.present)} of ${count(event.acknowledged)} present, ${count(event.lostIds.length)} lost, ${duplicatedText({ ...event, duplicated: event.duplicatedIds.length })}`,
  );
}

function say(tone: Tone, text: string): { readonly tone: Tone; readonly text: string } {
  return { tone, text };
}
