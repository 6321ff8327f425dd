import type { JournalEvent } from '../orchestrator/journal/events.ts';
import type { FeedOptions } from '../orchestrator/progress/page/feed.ts';
import type { LivePage } from '../orchestrator/progress/page/live-page.ts';
import type { LiveEnd } from '../orchestrator/progress/page/message.ts';
import { RefusalError } from '../orchestrator/refusal.ts';
import type { DrillResult } from '../orchestrator/run/run-drill.ts';
import type { LiveTick } from '../orchestrator/samples/types.ts';
import { leftBehind } from './left-behind.ts';

export interface PageFlags {
  readonly ui?: boolean;
  readonly uiPort?: string;
  readonly k6Dashboard?: boolean;
}

/** The live page of a drill, or nothing where nobody asked for it. */
export interface PageOfDrill {
  /** Aborted when somebody presses its button. */
  readonly stop: AbortSignal;
  /** Where k6 has to serve its own dashboard; undefined: nobody asked for it. */
  readonly dashboardPort: number | undefined;
  event(event: JournalEvent): void;
  tick(tick: LiveTick, load: number): void;
  end(result: DrillResult | Error, report: string): Promise<void>;
}

/** @throws RefusalError when its port is taken, or is none */
export async function pageOfDrill(
  { ui, uiPort, k6Dashboard }: PageFlags,
  options: Omit<FeedOptions, 'now'>,
): Promise<PageOfDrill> {
  const controller = new AbortController();
  const dashboard =
    k6Dashboard === true
      ? await (await import('../orchestrator/progress/page/k6-dashboard.ts')).openK6Dashboard()
      : null;
  const feed = { ...options, ...(dashboard === null ? {} : { k6Dashboard: dashboard.url }) };
  const page = ui === true || uiPort !== undefined ? await open(portOf(uiPort), feed, controller) : null;
  if (dashboard !== null) process.stderr.write(`k6's own dashboard: ${dashboard.url}\n`);
  if (page !== null) process.stderr.write(`live page: ${page.url}\n`);
  return {
    stop: controller.signal,
    dashboardPort: dashboard?.k6Port,
    event: (event) => page?.event(event),
    tick: (tick, load) => page?.tick(tick, load),
    async end(result, report) {
      dashboard?.close();
      await page?.end(endOf(result, report));
    },
  };
}

async function open(
  port: number,
  options: Omit<FeedOptions, 'now'>,
  controller: AbortController,
): Promise<LivePage> {
  // Whoever does not ask for the page does not wait for its code.
  const { openLivePage } = await import('../orchestrator/progress/page/live-page.ts');
  const onStop = () => controller.abort(new Error('the stop button of the live page was pressed'));
  return openLivePage({ ...options, port, onStop });
}

function portOf(text = '0'): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new RefusalError(`--ui-port ${text} is no port`, {
    fix: 'a number from 1 to 65535; 0 takes a free one',
  });
}

function endOf(result: DrillResult | Error, report: string): LiveEnd {
  if (result instanceof Error)
    return { verdict: null, reasons: [result.message], report: null, leftBehind: [] };
  const { verdict, reasons, residue } = result.verdict;
  const { reportProblem } = result;
  return {
    verdict: reportProblem === null ? verdict : 'INVALID',
    reasons: reportProblem === null ? reasons : [`the report is not whole: ${reportProblem}`, ...reasons],
    report: reportProblem === null ? report : null,
    leftBehind: residue.map((one) => leftBehind('', one).join(' ')),
  };
}
