import type { Outcome } from '../../verdict.types.ts';
import { SYMBOL } from '../text/headline.ts';
import { type Html, type HtmlValue, html } from './template.ts';

export interface Column<Row> {
  readonly label: string;
  readonly numeric?: boolean;
  readonly cell: (row: Row) => HtmlValue;
}

/** A table with a caption and header cells; on narrow screens each row becomes a card (the roles keep it a table for readers). */
export function table<Row>(caption: string, columns: readonly Column<Row>[], rows: readonly Row[]): Html {
  const [first, ...others] = columns;
  if (first === undefined || rows.length === 0) return html``;
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table role="table"><caption class="sr">${caption}</caption>
<thead role="rowgroup"><tr role="row">${columns.map((column) => html`<th role="columnheader" scope="col"${numeric(column)}>${column.label}</th>`)}</tr></thead>
<tbody role="rowgroup">${rows.map(
    (row) => html`<tr role="row"><th role="rowheader" scope="row">${first.cell(row)}</th>${others.map(
      (column) =>
        html`<td role="cell" data-label="${column.label}"${numeric(column)}>${column.cell(row)}</td>`,
    )}</tr>
`,
  )}</tbody></table></div>`;
}

/** Symbol, word and colour: any one of them is enough. */
export function badge(result: Outcome): Html {
  return html`<span class="badge ${result.toLowerCase()}"><span aria-hidden="true">${SYMBOL[result]}</span> ${result}</span>`;
}

function numeric(column: { readonly numeric?: boolean }): Html | false {
  return column.numeric === true && html` class="num"`;
}
