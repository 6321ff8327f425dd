import type { GamedayEvent, PartResult } from './events.ts';

/** The people of a game day, or what stands for them where nobody can be asked. */
export interface People {
  /** Whether there is somebody to ask. */
  readonly present: boolean;
  /** Waits until they say so, or for `ms`. @throws Stopped */
  pause(what: string, ms: number | null): Promise<'go' | 'skip'>;
  /** Empty when they have nothing to say. @throws Stopped */
  ask(question: string): Promise<string>;
  /** @throws Stopped */
  confirm(question: string): Promise<{ readonly ok: boolean; readonly answer: string }>;
  say(text: string): void;
}

/** Somebody ended the game day while it waited. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

export interface GamedayPartPlan {
  readonly name: string;
  readonly hypothesis: string;
  readonly brief?: string | undefined;
  /** Null: until people say so. */
  readonly pauseMs: number | null;
  readonly ask: readonly string[];
}

export interface GamedayPlan {
  readonly name: string;
  readonly before: readonly string[];
  readonly parts: readonly GamedayPartPlan[];
  readonly after: readonly string[];
  readonly people: People;
  /** Parts that have ended already, by number, when an earlier game day goes on. */
  readonly done: ReadonlySet<number>;
  /** A directory for the run of this part that is not there yet. */
  readonly directoryOf: (part: number) => string;
  /** Runs the drill. Never throws for what it finds. */
  readonly run: (part: number, directory: string) => Promise<PartResult>;
  /** Why it was stopped by a signal, even while a drill ran; null: it was not. */
  readonly stopped: () => string | null;
  readonly write: (event: GamedayEvent) => void;
}

/** Most actions that are asked for in one go. */
const MAX_ACTIONS = 20;

/**
 * Pre-checks, then the parts one after the other: people say what they expect, the drill runs, people say what they saw. Everything is
 * written down when it happens. Between the parts nothing is changed, so it can be ended there at any time.
 */
export async function runGameday(plan: GamedayPlan): Promise<void> {
  try {
    if (plan.done.size === 0) await preChecks(plan);
    for (const [index, part] of plan.parts.entries())
      if (!plan.done.has(index)) await live(plan, index, part);
    for (const question of plan.after) await answer(plan, null, question);
    await actions(plan, null);
    plan.write({ type: 'gameday-ended' });
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    plan.write({ type: 'stopped', reason: error.message });
  }
}

async function preChecks({ before, people, write }: GamedayPlan): Promise<void> {
  if (!people.present) return;
  for (const question of before) {
    const { ok, answer } = await people.confirm(question);
    write({ type: 'checked', question, ok, answer });
    if (!ok) throw new Stopped(`"${question}" was not answered with yes`);
  }
}

async function live(plan: GamedayPlan, index: number, part: GamedayPartPlan): Promise<void> {
  const { people, write } = plan;
  people.say(
    [
      `\nPart ${index + 1} of ${plan.parts.length}: ${part.name}`,
      `  Hypothesis: ${part.hypothesis}`,
      ...(part.brief === undefined ? [] : [`  ${part.brief}`]),
    ].join('\n'),
  );
  write({ type: 'waiting', part: index });
  if (people.present) {
    const expected = await people.ask('What do you expect to see?');
    if (expected !== '') write({ type: 'predicted', part: index, answer: expected });
  }
  if ((await people.pause(part.name, part.pauseMs)) === 'skip') {
    write({ type: 'part-skipped', part: index });
    return;
  }
  const directory = plan.directoryOf(index);
  write({ type: 'part-started', part: index, directory });
  const result = await plan.run(index, directory);
  write({ type: 'part-ended', part: index, result });
  const stopped = plan.stopped();
  if (stopped !== null) throw new Stopped(stopped);
  if (result.residue.length > 0)
    throw new Stopped('something was left behind: nothing more is broken on top of that');
  for (const question of ['What did you see?', ...part.ask]) await answer(plan, index, question);
  await actions(plan, index);
}

async function answer({ people, write }: GamedayPlan, part: number | null, question: string): Promise<void> {
  if (!people.present) return;
  const answer = await people.ask(question);
  if (answer !== '') write({ type: 'answered', part, question, answer });
}

async function actions({ people, write }: GamedayPlan, part: number | null): Promise<void> {
  if (!people.present) return;
  for (let count = 0; count < MAX_ACTIONS; count++) {
    const what = await people.ask(
      count === 0 ? 'What has to be done? (Enter: nothing)' : 'What else? (Enter: nothing)',
    );
    if (what === '') return;
    write({ type: 'action', part, what, who: await people.ask('Who does it?') });
  }
}
