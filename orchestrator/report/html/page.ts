import { STYLE } from './style.ts';
import { type Html, html, trusted } from './template.ts';

export interface Page {
  readonly title: string;
  /** Of the content security policy: `'none'`, or the hash of the one script. */
  readonly scripts: string;
  /** Where the script may connect to; left out: nowhere. */
  readonly connect?: string;
  /** On top of the common style sheet. */
  readonly style?: string;
  readonly body: Html;
}

/** Nothing is loaded from anywhere, and nothing is sent, unless `connect` says so. */
export function contentPolicy({ scripts, connect }: Pick<Page, 'scripts' | 'connect'>): string {
  const sent = connect === undefined ? '' : `connect-src ${connect}; `;
  return `default-src 'none'; style-src 'unsafe-inline'; script-src ${scripts}; ${sent}img-src data:; base-uri 'none'; form-action 'none'`;
}

/** A whole page. */
export function renderPage({ title, scripts, connect, style = '', body }: Page): string {
  const policy = contentPolicy(connect === undefined ? { scripts } : { scripts, connect });
  return `<!doctype html>
${
  html`<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${trusted(STYLE)}${trusted(style)}</style>
</head>
<body>
${body}
</body>
</html>`.markup
}
`;
}
