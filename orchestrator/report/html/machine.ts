import type { Verdict } from '../../verdict.types.ts';
import { machineRows } from '../text/machine.ts';
import { section } from './sections.ts';
import { type Html, html } from './template.ts';

/** The machine that generated the load, where somebody watched it. */
export function machineSection({ machine }: Verdict): Html | false {
  if (machine === undefined) return false;
  return section(
    'machine',
    'The machine',
    '',
    html`<dl class="facts">
${machineRows(machine).map(
  ([name, text]) => html`<div><dt>${name}</dt><dd>${text}</dd></div>
`,
)}</dl>`,
  );
}
