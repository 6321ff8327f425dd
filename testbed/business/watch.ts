import type { Logger } from 'pino';
import type { WatchedFile } from '../lib/files.ts';
import type { Settings } from '../lib/settings.ts';
import type { Database } from '../projects/database.ts';
import type { Mailer } from './mail.ts';
import { takeSpenders, takeUnused, untake } from './store.ts';

/** Dollars of a month for AI. */
export const budget = { month: 500, alertAt: 400, moveAt: 450 } as const;
const churnAfterDays = 30;

export const thisMonth = (): string => new Date().toISOString().slice(0, 7);

export interface Watched {
  readonly database: Database;
  readonly mailer: Mailer;
  readonly settings: WatchedFile<Settings>;
  readonly log: Logger;
}

/** Looks again and again for customers who have gone quiet, and for months that get dear. @returns what ends it */
export function watchBusiness(watched: Watched): () => void {
  const { settings, log } = watched;
  const stops = [
    repeat(
      () => Math.max(100, settings.read()['business-day-ms'] / 4),
      () => writeToUnused(watched),
    ),
    repeat(
      () => settings.read()['cost-period-ms'],
      () => watchCosts(watched),
    ),
  ];
  return () => {
    for (const stop of stops) stop();
  };

  function repeat(periodMs: () => number, work: () => Promise<void>): () => void {
    let timer: NodeJS.Timeout;
    const next = () => {
      timer = setTimeout(async () => {
        await work().catch((error: Error) => log.warn({ err: error.message }, 'a look failed'));
        next();
      }, periodMs());
    };
    next();
    return () => clearTimeout(timer);
  }
}

async function writeToUnused({ database, mailer, settings, log }: Watched): Promise<void> {
  const { 'business-day-ms': dayMs, 'churn-mails': mails } = settings.read();
  if (mails === 'none') return;
  const days = mails === 'early' ? churnAfterDays / 3 : churnAfterDays;
  const since = mails === 'everybody' ? 'created_at' : 'last_used_at';
  for (const { id, email, name } of await takeUnused(database, since, days * dayMs)) {
    const mail = {
      to: email,
      subject: 'We miss your beats',
      text: `${name}, it has been ${days} days.\nCome back with ${mails === 'mean' ? 10 : 20} % discount.`,
    };
    try {
      for (let sent = 0; sent < (mails === 'two' ? 2 : 1); sent += 1) await mailer.send(mail);
    } catch (error) {
      // The next look tries again.
      log.warn({ err: (error as Error).message, customer: id }, 'a mail was not taken');
      await untake(database, id);
    }
  }
}

async function watchCosts({ database, mailer, settings }: Watched): Promise<void> {
  const month = thisMonth();
  const now = settings.read();
  if (!now['cost-alert-off']) {
    for (const { email, dollars } of await takeSpenders(database, 'alerted_at', month, budget.alertAt))
      await mailer.send({
        to: email,
        subject: 'AI budget: 80 % of the month is spent',
        text: `$${dollars.toFixed(2)} of $${budget.month} are spent in ${month}.`,
      });
  }
  if (!now['never-optimise']) await takeSpenders(database, 'moved_at', month, budget.moveAt);
}
