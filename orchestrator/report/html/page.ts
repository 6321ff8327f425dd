import { STYLE } from './style.ts';
import { type Html, html, trusted } from './template.ts';

export interface Page {
  readonly title: string;
  /** Of the content security policy: `'none'`, or the hash of the one script. */
  readonly scripts: string;
  /** On top of the common style sheet. */
  readonly style?: string;
  readonly body: Html;
}

/** A whole page, which loads nothing from anywhere and sends nothing. */
export function renderPage({ title, scripts, style = '', body }: Page): string {
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src ${scripts}; img-src data:; base-uri 'none'; form-action 'none'`;
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
