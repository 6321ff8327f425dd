import type { ComponentProbe } from '../../../probes/index.ts';
import type { ProbeReading } from '../../../provider.ts';
import type { Account } from '../account.ts';
import type { Spend } from '../calls/costs.ts';
import { refuse } from '../errors.ts';

/**
 * What the account cost in a day, what the month will have cost, and who is told before the budget is spent. Each answer is asked for
 * once: it costs money, and changes once a day.
 * @param today `YYYY-MM-DD`, UTC
 * @throws ProviderError where it cannot be told
 */
export async function readCost(
  account: Account,
  { yesterdayBelow, monthBelow, alertAt }: Extract<ComponentProbe, { kind: 'cost' }>,
  budget: string | undefined,
  today: string,
  signal: AbortSignal,
): Promise<ProbeReading> {
  const seen: { readonly ok: boolean; readonly detail: string }[] = [];
  const calls = await account.costs();
  if (yesterdayBelow !== undefined) {
    seen.push(dayBelow(yesterdayBelow, await calls.spent(dayAfter(today, -2), today, signal), today));
  }
  if (monthBelow !== undefined) {
    const first = `${today.slice(0, 8)}01`;
    // On the first of a month nothing is spent yet, and an empty time is an error.
    const days = first === today ? [] : await calls.spent(first, today, signal);
    const spent = days.reduce((sum, { usDollars }) => sum + usDollars, 0);
    const rest = await calls.forecast(today, monthAfter(first), signal);
    seen.push({
      ok: spent + rest < monthBelow,
      detail: `the month ${dollarText(spent + rest)} (${dollarText(spent)} spent, ${dollarText(rest)} forecast)`,
    });
  }
  if (alertAt !== undefined) seen.push(await alertOf(alertAt));
  return { ok: seen.every(({ ok }) => ok), detail: seen.map(({ detail }) => detail).join('; ') };

  async function alertOf(percent: number) {
    if (budget === undefined) {
      throw refuse('alertAt needs a budget', 'name it: costs: { budget: … } in the component');
    }
    const alerts = await calls.alerts(budget, signal);
    if (alerts === undefined) {
      throw refuse(`there is no budget ${budget}`, 'correct `costs.budget` of the component');
    }
    // An earlier warning will do.
    const inTime = alerts.filter((one) => one.percent <= percent);
    const heard = inTime.find(({ subscribers }) => subscribers > 0);
    const found = heard ?? inTime[0];
    if (found === undefined) return { ok: false, detail: `${budget} has no alert at ${percent} % or before` };
    const told = found.subscribers === 0 ? 'nobody' : `${found.subscribers} subscribed`;
    return {
      ok: heard !== undefined,
      detail: `${budget} has an alert at ${found.percent} % (${found.of.toLowerCase()}), ${told}`,
    };
  }
}

/**
 * AWS takes up to a day to book a day's costs: yesterday's may still be $0. So it is the day before that has to be below; what yesterday has
 * cost so far can only be too much.
 */
function dayBelow(
  bound: number,
  days: readonly Spend[],
  today: string,
): { readonly ok: boolean; readonly detail: string } {
  const [booked, yesterday] = [-2, -1].map((n) => days.find(({ day }) => day === dayAfter(today, n)));
  if (booked === undefined) {
    throw refuse(
      `AWS tells no costs of ${dayAfter(today, -2)}, the last day that it has had a day to book`,
      'see whether Cost Explorer is enabled in this account, and ask again in a day',
    );
  }
  const soFar =
    yesterday === undefined ? '' : `, and ${yesterday.day} ${dollarText(yesterday.usDollars)} so far`;
  return {
    ok: booked.usDollars < bound && (yesterday?.usDollars ?? 0) < bound,
    detail: `${booked.day} ${dollarText(booked.usDollars)} (the last day that is booked)${soFar}`,
  };
}

const dollarText = (value: number) => `$${value.toFixed(2)}`;

function dayAfter(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

/** @param first the first day of a month */
function monthAfter(first: string): string {
  const date = new Date(`${first}T00:00:00Z`);
  date.setUTCMonth(date.getUTCMonth() + 1);
  return date.toISOString().slice(0, 10);
}
