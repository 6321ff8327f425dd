import { markdownTable } from 'markdown-table';
import { plain } from './plain.ts';

/**
 * Text of a run inside GitHub-flavoured Markdown: shown as it is. Backslashes take away what punctuation means; entities stand for
 * what tables and HTML would read; a zero-width space breaks what GitHub links by itself even when escaped (mentions, issue
 * numbers, addresses).
 */
export function text(value: string): string {
  return plain(value)
    .trimStart()
    .replace(/[\\`*_{}[\]()#+\-.!~$^=:'"]/g, '\\$&')
    .replace(/[&<>|]/g, (char) => ENTITY[char] ?? char)
    .replace(/@/g, '@&#8203;')
    .replace(/\\#(?=\w)/g, '\\#&#8203;')
    .replace(/\\:(?=\/\/)/g, '\\:&#8203;')
    .replace(/\b(www|GH)(?=\\[.-])/gi, '$1&#8203;')
    .replace(/^(\s*\d+)(?=\\[.)])/, '$1&#8203;');
}

/** For names, ids and commands that are to be copied: a code span, in which nothing is linked. */
export function code(value: string): string {
  const line = plain(value);
  return /^[^`|\\]*[^`|\\ ][^`|\\]*$/.test(line) ? `\`${line}\`` : `<code>${text(line)}</code>`;
}

/** A pipe table; cells are Markdown already. A title that ends with `>` makes its column right-aligned. */
export function pipeTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const titles = header.map((title) => title.replace(/>$/, ''));
  return markdownTable([titles, ...rows.map((row) => [...row])], {
    align: header.map((title) => (title.endsWith('>') ? 'right' : null)),
    alignDelimiters: false,
  });
}

const ENTITY: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '|': '&#124;' };
