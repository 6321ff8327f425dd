import type { Drill } from '../../chaos/schema/drill.ts';
import { secretTexts } from '../../chaos/secret-texts.ts';
import type { JournalEvent } from './events.ts';

/** Replaces secret texts in every string of a value, and in keys that people choose; the shape stays. */
export function redactor(secrets: readonly string[]): <T>(value: T) => T {
  const texts = secretTexts(secrets);
  if (texts.length === 0) return (value) => value;
  return (value) => clean(value, texts) as typeof value;
}

/**
 * An event as it may be written down. What an undo needs stays as it is: with one letter of a path or an address gone it finds nothing
 * to undo, and says that all is well. Records are made of what components say in the clear, never of variables, headers or URLs.
 */
export function redactEvent(event: JournalEvent, redact: <T>(value: T) => T): JournalEvent {
  // Numbers, and squall's own words.
  if (event.type === 'undo-armed' || event.type === 'machine') return event;
  if (event.type === 'undo-done') {
    return { ...event, outcome: { ...event.outcome, detail: redact(event.outcome.detail) } };
  }
  if (event.type === 'residue') return { ...event, what: redact(event.what) };
  return withOwnWords(event, { ...redact(event), type: event.type } as JournalEvent);
}

/** Restores squall's own words: with a secret called "firing" or "kill", the line would not parse when it is read again. */
function withOwnWords(before: JournalEvent, after: JournalEvent): JournalEvent {
  if (before.type === 'alert' && after.type === 'alert')
    return { ...after, alert: { ...after.alert, status: before.alert.status } };
  if (before.type === 'stopped' && after.type === 'stopped') return { ...after, cause: before.cause };
  if (before.type === 'fault-use' && after.type === 'fault-use') return { ...after, when: before.when };
  if (before.type === 'run-started' && after.type === 'run-started')
    return { ...after, drill: withKinds(before.drill, after.drill) };
  return after;
}

function withKinds(before: Drill, after: Drill): Drill {
  const kindOf = <T extends { readonly kind: string }>(list: readonly T[], one: T, index: number): T => ({
    ...one,
    kind: list[index]?.kind ?? one.kind,
  });
  return {
    ...after,
    faults: after.faults.map((one, index) => kindOf(before.faults, one, index)),
    probes: after.probes.map((one, index) => kindOf(before.probes, one, index)),
  };
}

/** Whose keys are not squall's own. A password "lost" must not take the lost ids out of an event. */
const KEYS_OF_PEOPLE = new Set(['vars', 'labels', 'annotations', 'where', 'match', 'headers', 'tags']);

function clean(value: unknown, secrets: readonly string[], within = ''): unknown {
  if (typeof value === 'string')
    return secrets.reduce((text, secret) => text.replaceAll(secret, '[redacted]'), value);
  if (Array.isArray(value)) return value.map((item) => clean(item, secrets, within));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      KEYS_OF_PEOPLE.has(within) ? clean(key, secrets) : key,
      clean(item, secrets, key),
    ]),
  );
}
