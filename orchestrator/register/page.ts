import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RegisterPage } from './page-cells.ts';
import { pageHtml } from './page-html.ts';
import { pageMarkdown } from './page-markdown.ts';

/** register.html, register.md and register.json, in a directory that is made if there is none. @returns their paths */
export function writePage(directory: string, page: RegisterPage): string[] {
  mkdirSync(directory, { recursive: true });
  const files = {
    'register.html': pageHtml(page),
    'register.md': pageMarkdown(page),
    'register.json': `${JSON.stringify(page.rows, null, 2)}\n`,
  };
  return Object.entries(files).map(([name, text]) => {
    const file = path.join(directory, name);
    writeFileSync(file, text);
    return file;
  });
}
