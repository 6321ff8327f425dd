import { plain } from '../text/plain.ts';

/** Markup that is safe to put into a page. Only `html` and `trusted` make it. */
export class Html {
  readonly markup: string;
  constructor(markup: string) {
    this.markup = markup;
  }
}

export type HtmlValue = Html | string | number | null | undefined | false | readonly HtmlValue[];

/** A template whose values are text unless they are `Html`: escaping is what happens by default, also within quoted attributes. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(parts.reduce((page, part, index) => page + render(values[index - 1]) + part));
}

/** For what this program wrote itself: style sheets, scripts, numbers turned into path data. Never for text from a run. */
export function trusted(markup: string): Html {
  return new Html(markup);
}

/** JSON for a data block in a page: no character of it can end the block. */
export function jsonBlock(value: unknown): Html {
  return new Html(
    JSON.stringify(value).replace(
      /[<>&\u2028\u2029]/g,
      (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  );
}

function render(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return '';
  if (value instanceof Html) return value.markup;
  if (typeof value === 'string' || typeof value === 'number') return escapeMarkup(plain(String(value)));
  return value.map(render).join('');
}

function escapeMarkup(text: string): string {
  return text.replace(/[&<>"'`]/g, (char) => `&#${char.charCodeAt(0)};`);
}
