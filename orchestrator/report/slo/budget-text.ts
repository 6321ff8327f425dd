import type { ObjectiveBudget } from '../../observe/read-budgets.ts';
import { burnRate, count, duration, share } from '../text/format.ts';
import { hanging, terminalLine } from '../text/terminal-text.ts';

/** The budgets for a terminal, a few lines each. */
export function budgetsTerminal(
  budgets: readonly ObjectiveBudget[],
  { width }: { readonly width: number },
): string {
  return budgets
    .flatMap((one) => [
      ...hanging('', terminalLine(titleOf(one)), width),
      ...budgetSentences(one).flatMap((text) => hanging('  ', terminalLine(text), width)),
    ])
    .join('\n');
}

function titleOf({ objective, promised: { good, window, meaning } }: ObjectiveBudget): string {
  return `${objective}: ${share(good)} over ${window} ${meaning}`;
}

/** What is to say of one budget; the first sentence says what is spent. */
export function budgetSentences({ state, problem, promised }: ObjectiveBudget): string[] {
  if (state === null) return [`not known: ${problem}`];
  const { consumed, known, burnRates, alerts, forecast, freeze } = state;
  const firing = alerts.filter((alert) => alert.firing);
  return [
    `${share(consumed)} of the budget is spent${freeze ? ': deployments are frozen' : ''}`,
    `burn rates: ${Object.entries(burnRates)
      .map(([window, rate]) => `${window} ${rate === null ? 'not known' : burnRate(rate)}`)
      .join(', ')}`,
    ...firing.map(
      ({ long, short, factor, severity }) =>
        `${severity}: it burns at ${factor}× or more over ${long} and over ${short}`,
    ),
    ...forecastText(forecast, freeze),
    ...(known < 0.95
      ? [`Prometheus knows ${share(known)} of the ${promised.window}; the rest is taken for good`]
      : []),
  ];
}

function forecastText(
  { pace, spentInMs }: NonNullable<ObjectiveBudget['state']>['forecast'],
  freeze: boolean,
): string[] {
  if (pace === null || freeze) return [];
  if (spentInMs !== null) return [`as it burns now, the budget is spent in ${soon(spentInMs)}`];
  return [`as it burns now, ${share(pace)} of a whole budget is spent in a window`];
}

const DAY_MS = 86_400_000;

function soon(ms: number): string {
  return ms < 2 * DAY_MS ? duration(ms) : `${count(Number((ms / DAY_MS).toFixed(1)))} days`;
}
