import type { Verdict } from '../../verdict.types.ts';
import { count } from '../text/format.ts';
import { section } from './sections.ts';
import { table } from './table.ts';
import { type Html, html } from './template.ts';

/** What the systems promise and this drill does not measure, folded; nothing without a register. */
export function unmeasuredSection({ unmeasured: rows = [] }: Verdict): Html | null {
  if (rows.length === 0) return null;
  return section(
    'unmeasured',
    'Promises that this drill does not measure',
    '',
    html`<details><summary>${count(rows.length)} of its systems</summary>${table(
      'Promises that this drill does not measure',
      [
        { label: 'Promise', cell: ({ id }) => html`<code>${id}</code>` },
        { label: 'Bound', cell: ({ bound }) => bound },
        { label: 'Owner', cell: ({ owner }) => owner },
        { label: 'Why', cell: ({ reason }) => reason },
      ],
      rows,
    )}</details>`,
  );
}
