import { createHash } from 'node:crypto';
import type { Evidence, FaultRequest, Patience, PreparedFault, Resolution } from '../../../provider.ts';
import { type Look, until } from '../../../wait-until.ts';
import type { Account, Caller } from '../account.ts';
import type { FisForm } from '../component.ts';
import { asFisDoes } from '../definition.ts';
import { refuse } from '../errors.ts';
import { LOOK_EVERY_MS, type Speed } from '../once.ts';
import { type Order, orderOnce } from '../order.ts';
import type { Experiment } from './client.ts';
import { effectOf, type FisEffect, type FisFault } from './effects.ts';
import { allDone, deleteTemplates, FAULT_TAG, hasEnded, RUN_TAG, stateText, tagsOf } from './experiments.ts';
import { undoRecord } from './undo.ts';

/** An experiment takes some seconds to begin, and a stop half a minute. */
const PATIENCE: Required<Patience> = { evidenceMs: 90_000, endMs: 120_000, revertMs: 30_000 };
const ACTION = 'fault';
/** AWS's own limit. */
const ACTIVE_EXPERIMENTS = 5;
const MINUTE_MS = 60_000;
/** By AWS's price list, for each minute of an action. */
const DOLLARS_A_MINUTE = 0.1;

/** What FIS would hit now. Reads only. @throws ProviderError with the reason */
export async function resolveExperiment(
  account: Account,
  component: string,
  form: FisForm,
  fault: FisFault,
  caller: Caller,
  signal: AbortSignal,
): Promise<Resolution> {
  const refused = asFisDoes(form, fault);
  if (refused !== undefined) throw refuse(refused.rule, refused.fix);
  await refuseWithoutTasks(account, form, signal);
  const fis = await account.fis();
  const [lever, experiments] = await Promise.all([fis.safetyLever(signal), fis.experiments(signal)]);
  if (lever.status !== 'disengaged') {
    throw refuse(
      `the safety lever of FIS is ${lever.status}${lever.reason === undefined ? '' : ` ("${lever.reason}")`}`,
      'somebody has stopped all experiments of this account and region: ask why; squall never disengages it',
    );
  }
  const active = experiments.filter((one) => !hasEnded(one)).length;
  if (active >= ACTIVE_EXPERIMENTS) {
    throw refuse(`${active} experiments run already, and AWS allows ${ACTIVE_EXPERIMENTS}`, 'wait for them');
  }
  const minutes = minutesOf(fault);
  const { label, identity, details } = effectOf(account.settings, component, form, fault, minutes);
  const target = {
    label,
    identity: { ...identity },
    healthy: true,
    details: [
      ...details,
      `FIS ends it by itself after ${minutes} min; ${form.stopAlarm === undefined ? 'no alarm stops it' : `${form.stopAlarm} stops it`}; about $${(minutes * DOLLARS_A_MINUTE).toFixed(2)}`,
      `ordered once by ${caller.arn}, who needs fis:CreateExperimentTemplate, fis:StartExperiment and iam:PassRole on ${form.role}`,
    ],
  };
  return { candidates: [target], targets: [target], healthy: 1 };
}

/** FIS would fail, minutes later and in other words. */
async function refuseWithoutTasks(account: Account, { tasks }: FisForm, signal: AbortSignal): Promise<void> {
  if (tasks === undefined) return;
  const running = await (await account.ecs()).running(tasks, signal);
  if (running.some(({ status }) => status === 'RUNNING')) return;
  throw refuse(
    `no task of ${tasks.cluster}/${tasks.service} runs in ${account.settings.region}`,
    'correct `fis.tasks` of the component, or start the service',
  );
}

/** In whole minutes, one at least; a minute more than it lasts, so that it is squall who ends it, and FIS when squall cannot. */
function minutesOf(fault: FisFault): number {
  return Math.ceil((fault.for + MINUTE_MS) / MINUTE_MS);
}

/**
 * A template and an experiment of it, with the run's tags. FIS says when its action runs; whether that has done anything only the load can
 * tell.
 */
export async function prepareExperiment(
  account: Account,
  {
    run,
    componentName,
    fault,
    form,
  }: Pick<FaultRequest, 'run' | 'componentName'> & { readonly fault: FisFault; readonly form: FisForm },
  { speed = 1 }: Speed,
): Promise<PreparedFault> {
  const effect = effectOf(account.settings, componentName, form, fault, minutesOf(fault));
  const fis = await account.fis();
  const tags = tagsOf(run, fault.name);
  const token = tokenOf(run, fault.name);
  const everyMs = LOOK_EVERY_MS / speed;
  let acting: Promise<void> | undefined;
  let order: Order | undefined;
  let id: string | undefined;
  /** As it was when squall came to end it for the first time. */
  let before: Experiment | undefined;

  return {
    undo: [undoRecord(account.settings, run, fault.name)],
    patience: {
      evidenceMs: PATIENCE.evidenceMs / speed,
      endMs: PATIENCE.endMs / speed,
      revertMs: PATIENCE.revertMs / speed,
    },
    act(signal) {
      if (signal.aborted) return Promise.reject(signal.reason);
      acting ??= start(signal);
      return acting;
    },
    observe: (signal) =>
      until(
        `no evidence that FIS has ${effect.done}`,
        async (since): Promise<Look<Evidence>> => {
          if (order === undefined) return { missing: 'nothing was ordered' };
          const now = await look(signal);
          if (now === undefined) return { missing: `no experiment of it is there${doubt()}` };
          const action = now.actions[ACTION];
          if (hasEnded(now)) return { missing: stateText(now), never: true };
          if (action?.state.status !== 'running') return { missing: stateText(now) };
          const at = timeOf(action.startTime, since);
          const unwitnessed = `FIS alone says that it has ${effect.done}`;
          return {
            seen: { ...at, seen: [`the action of experiment ${now.id} runs`, unwitnessed], unwitnessed },
          };
        },
        { signal, everyMs, notBefore: order?.sentAt },
      ),
    revert: (signal) => allDone([stop(signal), removeTemplates(signal)]),
    observeEnd: (signal) =>
      until(
        `no evidence that ${effect.undone}`,
        async (since): Promise<Look<Evidence>> => {
          if (before !== undefined && hasEnded(before)) {
            return { missing: `it had ended before its time: ${stateText(before)}`, never: true };
          }
          const now = await look(signal);
          if (now === undefined || !hasEnded(now)) {
            return { missing: now === undefined ? 'the experiment is gone' : stateText(now) };
          }
          return { seen: { ...timeOf(now.endTime, since), seen: [stateText(now)] } };
        },
        { signal, everyMs },
      ),
  };

  async function start(signal: AbortSignal): Promise<void> {
    const doing = { doing: 'fis:StartExperiment', lastsMs: PATIENCE.evidenceMs + PATIENCE.endMs + fault.for };
    await account.check(signal, doing.lastsMs);
    // Made again with the same token it is the same template: nothing is hit yet.
    const template = await fis.createTemplate(
      templateOf(form, effect, `squall ${run} ${fault.name}`, { token, tags }),
      signal,
    );
    order = await orderOnce(
      account,
      doing,
      async () => {
        id = (await fis.start({ template, token, tags }, signal)).id;
      },
      signal,
    );
  }

  async function stop(signal: AbortSignal): Promise<void> {
    const left = id === undefined ? await found(signal) : await fis.experiment(id, signal);
    before ??= left;
    if (left !== undefined && !hasEnded(left) && left.state.status !== 'stopping')
      await fis.stop(left.id, signal);
  }

  async function removeTemplates(signal: AbortSignal): Promise<void> {
    await deleteTemplates(fis, (await fis.templates(signal)).filter(isOurs), signal);
  }

  async function look(signal: AbortSignal): Promise<Experiment | undefined> {
    id ??= (await found(signal))?.id;
    return id === undefined ? undefined : await fis.experiment(id, signal);
  }

  async function found(signal: AbortSignal): Promise<Experiment | undefined> {
    return (await fis.experiments(signal)).find(isOurs);
  }

  function isOurs({ tags: have }: Pick<Experiment, 'tags'>): boolean {
    return have[RUN_TAG] === run && have[FAULT_TAG] === fault.name;
  }

  function doubt(): string {
    return order?.doubt === undefined ? '' : `; ${order.doubt}`;
  }

  /** FIS's own time where it tells one, on our clock. */
  function timeOf(seconds: number | undefined, since: number): { at: number; withinMs: number } {
    const now = Date.now();
    const sentAt = order?.sentAt ?? since;
    if (seconds === undefined) return { at: now, withinMs: now - since };
    const { at, withinMs } = account.clock.ours(Math.round(seconds * 1_000));
    const known = Math.max(sentAt, Math.min(now, at));
    return { at: known, withinMs: Math.min(withinMs, known - sentAt) };
  }
}

/** Of 64 characters, which is AWS's limit. Cut off, the names of two faults of one run could be the same: AWS takes the second for the first then. */
function tokenOf(run: string, fault: string): string {
  return createHash('sha256').update(`${run}\n${fault}`).digest('hex');
}

function templateOf(
  form: FisForm,
  { targets, action }: FisEffect,
  description: string,
  { token, tags }: { readonly token: string; readonly tags: object },
): object {
  return {
    clientToken: token,
    description,
    roleArn: form.role,
    stopConditions: [
      form.stopAlarm === undefined
        ? { source: 'none' }
        : { source: 'aws:cloudwatch:alarm', value: form.stopAlarm },
    ],
    targets,
    actions: { [ACTION]: action },
    // Without it the console's default would run an experiment of no targets, and call it completed.
    experimentOptions: { accountTargeting: 'single-account', emptyTargetResolutionMode: 'fail' },
    tags,
  };
}
