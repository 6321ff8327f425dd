import { element } from '../../../report/browser/dom.ts';
import { offsetTime } from '../../../report/browser/text.ts';
import type { LiveEnd, LiveHead, LogLine, Row } from '../message.ts';

/** Everything on the page but the charts. Text from the run gets in by textContent, never as markup. */
export function showHead(head: LiveHead): void {
  const { end } = head;
  document.title = `${end === null ? head.phase : (end.verdict ?? 'ended')}: ${head.drill} · squall`;
  set('drill', head.drill === '' ? '' : `${head.drill} on ${head.environment}`);
  if (end === null) {
    set('word', head.phase);
    set('meaning', head.description);
  } else showEnd(end);
  meta(head);
  figures(head);
  rows(
    'objectives',
    head.objectives,
    head.zeroMs === null ? 'Measured when samples come.' : 'None for the steady state.',
  );
  rows('faults', head.faults, 'This drill has none.');
  rows('probes', head.probes, 'This drill has none.');
  set('alerts-count', head.alerts.count === 0 ? 'None so far.' : `${head.alerts.count} so far; the newest:`);
  list(
    'alerts-rows',
    head.alerts.newest.map((text) => element('li', '', text)),
  );
}

function showEnd({ verdict, reasons, report, leftBehind }: LiveEnd): void {
  byId('hero').className = `hero ${(verdict ?? 'invalid').toLowerCase()}`;
  set('word', verdict ?? 'no verdict');
  set(
    'meaning',
    verdict === null ? 'The run has ended without a verdict.' : `The run has ended: ${verdict}.`,
  );
  const items = [...leftBehind.map((text) => `Left behind: ${text}`), ...reasons];
  if (report !== null) items.push(`The report: ${report}`);
  list(
    'reasons',
    items.map((text) => element('li', '', text)),
  );
  byId('reasons').hidden = items.length === 0;
}

/** What squall waits for, and the clock: counted here, second by second. @param now on squall's clock, epoch ms */
export function showClock(head: LiveHead, now: number): void {
  const { zeroMs, durationMs, end, waitsFor } = head;
  list(
    'waits',
    waitsFor.map(({ text, until }) => {
      const item = element('li', '');
      if (until !== null) {
        const left = Math.max(0, Math.ceil((until - now) / 1000));
        item.append(element('span', 'count', left === 0 ? 'now' : `in ${offsetTime(left)}`));
      }
      item.append(element('span', '', `${until === null ? 'Waiting for ' : ''}${text}`));
      return item;
    }),
  );
  const bar = byId('progress') as HTMLProgressElement;
  bar.hidden = end !== null || durationMs === null;
  if (zeroMs !== null && durationMs !== null)
    bar.value = Math.min(1, Math.max(0, (now - zeroMs) / durationMs));
}

export function showLog(lines: readonly LogLine[], zeroMs: number | null): void {
  const place = byId('log-lines');
  // Whoever reads further up is not taken away from there.
  const follows = place.scrollHeight - place.scrollTop - place.clientHeight < 40;
  for (const { at, tone, text } of lines) {
    const line = element('p', tone);
    const time =
      zeroMs === null || at < zeroMs
        ? new Date(at).toISOString().slice(11, 19)
        : offsetTime(Math.floor((at - zeroMs) / 1000));
    line.append(element('time', '', time), ` ${text}`);
    place.append(line);
  }
  while (place.children.length > MAX_LINES) place.firstElementChild?.remove();
  if (follows) place.scrollTop = place.scrollHeight;
}

const MAX_LINES = 500;

export function showLost(text: string): void {
  const place = byId('lost');
  if (place.textContent === text) return;
  place.textContent = text;
  place.hidden = text === '';
}

function meta({ run, directory, k6Dashboard }: LiveHead): void {
  const place = byId('meta');
  if (place.childElementCount > 0) return;
  place.append(element('span', '', `run ${run}`), element('span', '', directory));
  if (k6Dashboard === null) return;
  const link = element('a', '', "k6's own dashboard");
  link.href = k6Dashboard;
  link.target = '_blank';
  link.rel = 'noreferrer';
  place.append(link);
}

function figures({ figures, zeroMs, durationMs, now, end }: LiveHead): void {
  const time =
    zeroMs === null
      ? []
      : [
          {
            name: 'Time',
            text: offsetTime(Math.max(0, Math.floor((now - zeroMs) / 1000))),
            note: durationMs === null ? '' : `of ${offsetTime(Math.round(durationMs / 1000))} of load`,
          },
        ];
  byId('figures').replaceChildren(
    ...[...(end === null ? time : []), ...figures].map(({ name, text, note }) => {
      const tile = element('div', '');
      const value = element('dd', '', text);
      value.append(element('small', '', note));
      tile.append(element('dt', '', name), value);
      return tile;
    }),
  );
}

function rows(id: string, all: readonly Row[], none: string): void {
  list(
    `${id}-rows`,
    all.length === 0
      ? [element('li', 'empty', none)]
      : all.map(({ name, tone, state, detail }) => {
          const item = element('li', '');
          const look = { good: 'pass', bad: 'fail', plain: 'plain' }[tone];
          item.append(
            element('b', '', name),
            element('span', `badge ${look}`, state),
            element('span', 'why', detail),
          );
          return item;
        }),
  );
}

/** Only where something changed: a screen reader is not told the same again, and a selection stays. */
function list(id: string, items: readonly HTMLElement[]): void {
  const place = byId(id);
  const same =
    place.children.length === items.length &&
    items.every((item, index) => place.children[index]?.isEqualNode(item) === true);
  if (!same) place.replaceChildren(...items);
}

function set(id: string, text: string): void {
  const place = byId(id);
  if (place.textContent !== text) place.textContent = text;
}

function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`no #${id}`);
  return found;
}
