import business from '../thresholds/business.ts';
import { costsOf, mailsTo, onboard, route, shows } from './lib/journeys/customer.ts';
import { labelledPrompts } from './lib/journeys/labelled-prompts.ts';
import { countedCounter, countedRate } from './lib/objectives/counted.ts';
import { scenarioOptions } from './lib/objectives/scenario-options.ts';
import { now } from './lib/runtime/clock.ts';
import { durationFrom, numberFrom, textFrom, wholeNumber } from './lib/runtime/env.ts';
import { exec, sleep } from './lib/runtime/k6.ts';

/**
 * What the business runs on: new customers have everything that they were promised within 2 s, and those who have gone quiet get one mail;
 * AI requests go to the right model, and stay within the budget of a month. Everything is looked at from outside: the mail in the mailbox
 * that it was sent to, the row in the database.
 */
const allParts = 'onboarding,churn,routing,cost';
/** Which of them are asked for. */
const parts = textFrom('PARTS', allParts).split(',');
const customers = numberFrom('CUSTOMERS', 20, wholeNumber);
/** From one new customer to the next. */
const joinEveryMs = durationFrom('JOIN_EVERY', 250);
/** No setting: it is the promise. */
const onboardWithinMs = 2_000;
/** Half of them use what they have. */
const quietAndOther = numberFrom('CHURN_CUSTOMERS', 6, { min: 2, integer: true });
/** How long a day is: the target's clock has to run as fast. */
const dayMs = durationFrom('DAY', 1_000, 10);
const churnAfterDays = 30;
const watchedDays = 65;
/** Less than the promise, for short trials; not more. */
const decideWithinMs = Math.min(180_000, durationFrom('DECIDE_WITHIN', 180_000, 1));

const effects = {
  customer: countedCounter('onboarding_without_customer'),
  apiKey: countedCounter('onboarding_without_api_key'),
  mail: countedCounter('onboarding_without_mail'),
  dashboard: countedCounter('onboarding_without_dashboard'),
  row: countedCounter('onboarding_without_database_row'),
};
const notOneMail = countedCounter('churn_not_one_mail');
const mailInUse = countedCounter('churn_mail_in_use');
/** Plus one for each customer whose mails are due, minus one for each whose mails were looked up. */
const unseen = countedCounter('churn_unseen');
const wrongModel = countedRate('model_routing_wrong');
const monthOver = countedCounter('cost_month_over');
const alertWrong = countedCounter('cost_alert_wrong');
const decisionLate = countedCounter('cost_decision_late');
const halfWrong = countedCounter('cost_half_wrong');

const isAsked = (objective: string): boolean => parts.some((part) => objective.includes(part));

const { thresholds, summaryTrendStats, handleSummary } = scenarioOptions(() => {
  const unknown = parts.find((part) => !allParts.split(',').includes(part));
  if (unknown !== undefined) throw new Error(`PARTS: there is no part "${unknown}"; there are ${allParts}`);
  return {
    scenario: 'business',
    objectives: business.filter(({ name }) => isAsked(name)),
    openLoop: false,
    notMeasured: business
      .filter(({ name }) => !isAsked(name))
      .map(({ name }) => ({ name, reason: 'not among PARTS' })),
    names: ['POST /api/customers', ...(isAsked('routing cost') ? ['POST /api/ai/route'] : [])],
  };
});

const once = { executor: 'per-vu-iterations', iterations: 1, vus: 1 };
const minute = 60_000;
const everyPart: Readonly<Record<string, object>> = {
  onboarding: {
    ...once,
    vus: customers,
    maxDuration: `${customers * joinEveryMs + onboardWithinMs + minute}ms`,
    exec: 'join',
  },
  churn: {
    ...once,
    vus: quietAndOther,
    maxDuration: `${(watchedDays + 10) * dayMs + minute}ms`,
    exec: 'goQuiet',
  },
  routing: { ...once, maxDuration: '5m', exec: 'ask' },
  cost: { ...once, maxDuration: `${3 * decideWithinMs + 5 * minute}ms`, exec: 'spend' },
};
export const options = {
  scenarios: Object.fromEntries(parts.map((part) => [part, everyPart[part]])),
  thresholds,
  summaryTrendStats,
};
export { handleSummary };

/** Each of the five is looked at until it is there, or its time is over. */
export const join = () => {
  sleep((exec.scenario.iterationInTest * joinEveryMs) / 1000);
  const until = now() + onboardWithinMs;
  const customer = onboard('new');
  const { id = '', email = '', apiKey = '', dashboard = '' } = customer ?? {};
  const looks: readonly [keyof typeof effects, () => boolean][] = [
    ['customer', () => shows(`/-/rows/billing_customers/${id}`, 'GET billing customer', '"rows":1')],
    ['apiKey', () => shows('/api/usage', 'GET /api/usage', id, apiKey)],
    ['mail', () => mailsTo(email, 'Welcome')?.length === 1],
    ['dashboard', () => shows(dashboard, 'GET /dashboards/:id', 'Load new', apiKey)],
    ['row', () => shows(`/-/rows/customers/${id}`, 'GET customer row', '"rows":1')],
  ];
  let open = looks;
  while (customer !== null) {
    // What is seen too late does not count.
    open = open.filter(([, isThere]) => !(isThere() && now() <= until));
    if (open.length === 0 || now() >= until) break;
    sleep(0.05);
  }
  for (const [effect] of looks) effects[effect].add(open.some(([name]) => name === effect) ? 1 : 0);
};

export const goQuiet = () => {
  const isQuiet = exec.scenario.iterationInTest % 2 === 0;
  const customer = onboard(isQuiet ? 'quiet' : 'busy');
  if (customer === null) return;
  unseen.add(1);
  const until = now() + watchedDays * dayMs;
  while (now() < until) {
    sleep(Math.min(5 * dayMs, Math.max(0, until - now())) / 1000);
    if (!isQuiet) shows('/api/usage', 'GET /api/usage', customer.id, customer.apiKey);
  }
  const mails = mailsTo(customer.email, 'We miss your beats');
  if (mails === null) return;
  unseen.add(-1);
  if (!isQuiet) {
    mailInUse.add(mails.length);
    return;
  }
  const [mail] = mails;
  const isRight =
    mails.length === 1 &&
    mail !== undefined &&
    mail.at - customer.at >= churnAfterDays * dayMs &&
    mail.raw.includes('20 % discount');
  notOneMail.add(isRight ? 0 : 1);
};

export const ask = () => {
  const customer = onboard('ask');
  if (customer === null) return;
  for (const [prompt, model] of labelledPrompts)
    wrongModel.add(route(customer.apiKey, prompt, 1_000) !== model);
};

/** GPT-4o costs 10 dollars for a million tokens. */
const prompt = 'Write a verse about the end of the month';
const tokensOf = (dollars: number): number => dollars * 100_000;

/** Spends up to the alert, up to the decision, and then what would be too much without it. */
export const spend = () => {
  const customer = onboard('spend');
  if (customer === null) return;
  const { apiKey, email } = customer;
  const alerts = () => mailsTo(email, 'AI budget')?.length;
  spendUpTo(apiKey, 390);
  const early = alerts();
  spendUpTo(apiKey, 400);
  const isAlerted = holdsWithin(() => alerts() === 1);
  spendUpTo(apiKey, 450);
  const isMoved = holdsWithin(() => typeof costsOf(apiKey)?.movedAt === 'string');
  decisionLate.add(isMoved ? 0 : 1);
  const models = Array.from({ length: 100 }, () => route(apiKey, prompt, tokensOf(0.8)));
  const count = (model: string) => models.filter((one) => one === model).length;
  halfWrong.add(Math.abs(count('gemini') - 50) <= 5 && count('gpt-4o') + count('gemini') === 100 ? 0 : 1);
  alertWrong.add(early === 0 && isAlerted && alerts() === 1 ? 0 : 1);
  const costs = costsOf(apiKey);
  if (costs !== null) monthOver.add(costs.dollars < 500 && costs.dollars > 450 ? 0 : 1);
};

const spendUpTo = (apiKey: string, dollars: number): void => {
  // Ends, whatever the target says.
  for (let tries = 0; tries < 60; tries += 1) {
    const costs = costsOf(apiKey);
    if (costs !== null && costs.dollars >= dollars) return;
    route(apiKey, prompt, tokensOf(10));
  }
};

const holdsWithin = (holds: () => boolean): boolean => {
  const until = now() + decideWithinMs;
  for (;;) {
    if (holds()) return true;
    if (now() >= until) return false;
    sleep(0.1);
  }
};

export default join;
