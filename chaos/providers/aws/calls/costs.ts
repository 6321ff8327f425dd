import { exportsOf } from '../../../exports-of.ts';
import { codeOf, refuse } from '../errors.ts';
import type { ClientParts } from './parts.ts';

export interface Spend {
  readonly day: string;
  readonly usDollars: number;
}

/** A threshold of a budget, and how many are told. */
export interface BudgetAlert {
  readonly percent: number;
  readonly of: 'ACTUAL' | 'FORECASTED';
  readonly subscribers: number;
}

/** Days are `YYYY-MM-DD`, UTC; the last one is not included. Each question to Cost Explorer costs $0.01. */
export interface CostCalls {
  spent(from: string, to: string, signal: AbortSignal): Promise<readonly Spend[]>;
  /** Of a time that has not come yet. @throws ProviderError where the account is too young for a forecast */
  forecast(from: string, to: string, signal: AbortSignal): Promise<number>;
  /** Undefined when there is no budget of this name. */
  alerts(budget: string, signal: AbortSignal): Promise<readonly BudgetAlert[] | undefined>;
}

/** Both answer for all regions, in this one. */
const REGION = 'us-east-1';

/** Loads the clients of Cost Explorer and Budgets. */
export async function costCalls(parts: ClientParts, account: string): Promise<CostCalls> {
  const [explorerSdk, budgetsSdk] = await Promise.all([
    import('@aws-sdk/client-cost-explorer').then(exportsOf),
    import('@aws-sdk/client-budgets').then(exportsOf),
  ]);
  const options = { ...parts.optionsFor(false), region: REGION };
  const explorer = new explorerSdk.CostExplorerClient(options);
  const budgets = new budgetsSdk.BudgetsClient(options);
  parts.watch(explorer);
  parts.watch(budgets);
  return {
    async spent(from, to, signal) {
      try {
        const found = await explorer.send(
          new explorerSdk.GetCostAndUsageCommand({
            TimePeriod: { Start: from, End: to },
            Granularity: 'DAILY',
            Metrics: ['UnblendedCost'],
          }),
          { abortSignal: signal },
        );
        const days = found.ResultsByTime ?? [];
        return days.map(({ TimePeriod, Total }) => ({
          day: TimePeriod?.Start ?? '',
          usDollars: dollars(Total?.UnblendedCost),
        }));
      } catch (cause) {
        throw parts.explain(cause, 'ce:GetCostAndUsage');
      }
    },
    async forecast(from, to, signal) {
      try {
        const found = await explorer.send(
          new explorerSdk.GetCostForecastCommand({
            TimePeriod: { Start: from, End: to },
            Granularity: 'MONTHLY',
            Metric: 'UNBLENDED_COST',
          }),
          { abortSignal: signal },
        );
        return dollars(found.Total);
      } catch (cause) {
        if (codeOf(cause) === 'DataUnavailableException') {
          throw refuse(
            'AWS has too little data about this account for a forecast',
            'leave out monthBelow until the account has a month of costs',
          );
        }
        throw parts.explain(cause, 'ce:GetCostForecast');
      }
    },
    async alerts(BudgetName, signal) {
      const of = { AccountId: account, BudgetName };
      try {
        const found = await budgets.send(new budgetsSdk.DescribeNotificationsForBudgetCommand(of), {
          abortSignal: signal,
        });
        const inPercent = (found.Notifications ?? []).filter(
          ({ ThresholdType = 'PERCENTAGE' }) => ThresholdType === 'PERCENTAGE',
        );
        return await Promise.all(
          inPercent.map(async (Notification) => {
            const told = await budgets.send(
              new budgetsSdk.DescribeSubscribersForNotificationCommand({ ...of, Notification }),
              { abortSignal: signal },
            );
            return {
              percent: Notification.Threshold ?? Number.NaN,
              of: Notification.NotificationType ?? 'ACTUAL',
              subscribers: told.Subscribers?.length ?? 0,
            };
          }),
        );
      } catch (cause) {
        if (codeOf(cause) === 'NotFoundException') return undefined;
        throw parts.explain(cause, 'budgets:ViewBudget');
      }
    },
  };
}

function dollars(
  amount: { readonly Amount?: string | undefined; readonly Unit?: string | undefined } | undefined,
): number {
  const value = Number(amount?.Amount);
  if (amount?.Unit !== 'USD' || !Number.isFinite(value)) {
    throw refuse(
      `AWS names a cost of ${amount?.Amount ?? 'nothing'} ${amount?.Unit ?? ''}`,
      'costs are compared in US dollars only',
    );
  }
  return value;
}
