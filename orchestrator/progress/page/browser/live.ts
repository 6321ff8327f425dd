/**
 * The script of the live page, bundled with the charts of the report by ../page.ts. It listens to ../live-page.ts and shows what it hears;
 * when the run has ended, the page stays as it is.
 */
import type { LiveMessage } from '../message.ts';
import { newModel, take, timelineOf } from './model.ts';
import { showClock, showHead, showLog, showLost } from './show.ts';
import { stopButton } from './stop-button.ts';
import { liveTimeline } from './timeline.ts';

/** Squall speaks at least every 2 s. */
const SILENT_MS = 8_000;

const main = document.getElementById('main');
const place = document.getElementById('stop');
const chart = document.getElementById('live');
if (main !== null && place !== null && chart !== null) listen(main.dataset.token ?? '', place, chart);

function listen(token: string, place: HTMLElement, chart: HTMLElement): void {
  const model = newModel();
  const button = stopButton(place, token);
  const source = new EventSource('events');
  let last: { message: LiveMessage; at: number } | null = null;
  let draw: ReturnType<typeof liveTimeline> | null = null;
  const clock = setInterval(tick, 250);

  source.onmessage = ({ data }) => {
    const message = JSON.parse(data as string) as LiveMessage;
    const { head } = message;
    if (last !== null && last.message.head.run !== head.run) return other();
    const fresh = take(model, message);
    last = { message, at: performance.now() };
    showHead(head);
    showLog(fresh, head.zeroMs);
    const timeline = timelineOf(model, message);
    if (draw === null) draw = liveTimeline(chart, timeline);
    else draw(timeline);
    if (head.stopping) button.stopping();
    if (head.end !== null) finish();
    tick();
  };

  /** A browser connects again by itself; what answers there now is another run. */
  function other(): void {
    finish();
    showLost('This run is over, and another one is at this address: load the page again to see it.');
  }

  function finish(): void {
    source.close();
    button.remove();
    clearInterval(clock);
  }

  function tick(): void {
    if (last === null) return;
    const silentMs = performance.now() - last.at;
    const { head } = last.message;
    showClock(head, head.now + silentMs);
    showLost(
      head.end === null && silentMs > SILENT_MS
        ? `Nothing has been heard from squall for ${Math.round(silentMs / 1000)} s. If it has ended, squall recover says what it left behind; its record is in ${head.directory}.`
        : '',
    );
  }
}
