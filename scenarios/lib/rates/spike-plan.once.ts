import gateway from '../../../thresholds/gateway.ts';
import gatewayThroughput from '../../../thresholds/gateway-throughput.ts';
import sessions from '../../../thresholds/sessions.ts';
import { optionsFor } from '../objectives/translated.once.ts';
import { durationFrom, numberFrom, shareFrom, textFrom, wholeNumber } from '../runtime/env.ts';
import { forRequestPath, requestName } from '../runtime/request-path.ts';
import { offeredFor, within } from './offered.ts';

/** The settings that each virtual user needs; they come with setup()'s data. */
export interface SpikeShape {
  readonly readShare: number;
  readonly writeShare: number;
  readonly sessionShare: number;
  /** Since the start. */
  readonly plateauFromMs: number;
  readonly plateauToMs: number;
}

/**
 * The settings of the spike, its k6 options and its objectives. Made by user 0 only: reading them again would cost each of a
 * thousand users some 20 kB.
 */
export const planSpike = () => {
  const rate = numberFrom('RATE', 1000, wholeNumber);
  const baseRate = numberFrom('BASE_RATE', Math.min(100, rate), wholeNumber);
  const plateauMs = durationFrom('DURATION', 120_000, 1000);
  const rampMs = durationFrom('RAMP', 10_000);
  const baseMs = durationFrom('BASE_DURATION', 5_000);
  /** Somebody else's service has no projects to read and write. */
  const ownPath = textFrom('REQUEST_PATH', '') !== '';
  const readShare = shareFrom('READ_SHARE', ownPath ? 0 : 0.08);
  const writeShare = shareFrom('WRITE_SHARE', ownPath ? 0 : 0.02);
  const sessionShare = shareFrom('SESSION_SHARE', 0);
  if (readShare + writeShare + sessionShare > 1)
    throw new Error('READ_SHARE, WRITE_SHARE and SESSION_SHARE add up to more than 100%');
  /** All allocated beforehand: k6 makes unplanned ones one by one, and drops iterations meanwhile. */
  const vus = numberFrom('VUS', Math.max(50, rate), wholeNumber);
  const throughput = within(rate, gatewayThroughput);
  const { thresholds, summaryTrendStats, handleSummary } = optionsFor({
    scenario: 'spike',
    objectives: [
      ...forRequestPath(gateway),
      ...throughput.measured.map((objective) => ({ ...objective, where: { stage: 'plateau' } })),
      ...(sessionShare > 0 ? sessions : []),
    ],
    notMeasured: throughput.notMeasured,
    openLoop: true,
    throughputSeconds: plateauMs / 1000,
    names: [
      ...(readShare + writeShare + sessionShare < 1 ? [requestName] : []),
      ...(readShare > 0 ? ['GET /api/projects'] : []),
      ...(writeShare > 0 ? ['POST /api/projects'] : []),
      ...(sessionShare > 0 ? ['GET /api/session'] : []),
    ],
  });
  const shape: SpikeShape = {
    readShare,
    writeShare,
    sessionShare,
    plateauFromMs: baseMs + rampMs,
    plateauToMs: baseMs + rampMs + plateauMs,
  };
  return {
    shape,
    handleSummary,
    options: {
      scenarios: {
        spike: {
          executor: 'ramping-arrival-rate',
          startRate: offeredFor(baseRate),
          timeUnit: '1s',
          preAllocatedVUs: vus,
          maxVUs: vus,
          stages: [
            { target: offeredFor(baseRate), duration: `${baseMs}ms` },
            { target: offeredFor(rate), duration: `${rampMs}ms` },
            { target: offeredFor(rate), duration: `${plateauMs}ms` },
            { target: offeredFor(baseRate), duration: `${rampMs}ms` },
            { target: offeredFor(baseRate), duration: `${baseMs}ms` },
          ],
        },
      },
      discardResponseBodies: true,
      thresholds,
      summaryTrendStats,
    },
  };
};
