const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];

export interface BurnRateAlert {
  readonly long: string;
  readonly short: string;
  /** The budget burns at least so many times as fast as allowed, over both windows. */
  readonly factor: number;
  /** Somebody is woken, or finds it in the morning. */
  readonly severity: 'page' | 'ticket';
}

/**
 * Google's SRE workbook, "Alerting on SLOs", table 5-8: of a budget of 30 days, 2 % in an hour, 5 % in six hours, 10 % in three days. The
 * short window, a twelfth of the long one, ends the alert soon after the cause has gone.
 */
export const BURN_RATE_ALERTS: readonly BurnRateAlert[] = [
  { long: '1h', short: '5m', factor: 14.4, severity: 'page' },
  { long: '6h', short: '30m', factor: 6, severity: 'page' },
  { long: '3d', short: '6h', factor: 1, severity: 'ticket' },
];

export const BURN_RATE_WINDOWS = {
  '5m': 5 * MINUTE,
  '30m': 30 * MINUTE,
  '1h': HOUR,
  '6h': 6 * HOUR,
  '3d': 3 * DAY,
} as const;

export type BurnRateWindow = keyof typeof BURN_RATE_WINDOWS;
