import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { marked, type Token, type Tokens } from 'marked';

export const root = path.resolve(import.meta.dirname, '../..');

/** Every page of the repository that people wrote, relative to its root. */
export function pages(): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
    cwd: root,
    encoding: 'utf8',
  });
  const files = listed.split('\n').filter((file) => file !== '' && !file.includes('/fixtures/'));
  return files.filter((file) => existsSync(path.join(root, file)));
}

export function textOf(page: string): string {
  return readFileSync(path.join(root, page), 'utf8');
}

/** Where the links and images of a text lead, as written. */
export function linksIn(text: string): string[] {
  return tokens(text).flatMap((token) =>
    token.type === 'link' || token.type === 'image' ? [(token as Tokens.Link).href] : [],
  );
}

/** The fenced blocks in a language, without the indentation of a list around them. */
export function blocksIn(text: string, language: string): string[] {
  return tokens(text).flatMap((token) =>
    token.type === 'code' && (token as Tokens.Code).lang === language ? [(token as Tokens.Code).text] : [],
  );
}

/** The anchors that GitHub makes of the headings of a text. */
export function anchorsIn(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const token of tokens(text)) {
    if (token.type !== 'heading') continue;
    const slug = (token as Tokens.Heading).text
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let n = 1; anchors.has(anchor); n += 1) anchor = `${slug}-${n}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** The first cell of each row, of the tables whose first column is headed so. */
export function rowsOf(heading: string, text: string): string[] {
  return tablesOf(text)
    .filter(({ header }) => header[0] === heading)
    .flatMap(({ rows }) => rows.map((row) => row[0] ?? ''));
}

interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Every table, its cells as written. */
export function tablesOf(text: string): Table[] {
  return tokens(text)
    .filter((token): token is Tokens.Table => token.type === 'table')
    .map(({ header, rows }) => ({
      header: header.map((cell) => cell.text),
      rows: rows.map((row) => row.map((cell) => cell.text)),
    }));
}

function tokens(text: string): Token[] {
  const found: Token[] = [];
  marked.walkTokens(marked.lexer(text), (token) => {
    found.push(token);
  });
  return found;
}
