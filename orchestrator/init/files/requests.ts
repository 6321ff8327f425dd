import type { FoundAuth, FoundRequest, PlannedFile } from '../types.ts';
import { type Facts, schemaLine, yamlText } from './facts.ts';

/** `chaos/requests/<name>.yaml`: what the load sends; null for a script, which is its own load. */
export function requestsFile(facts: Facts): PlannedFile | null {
  const { name, requests, auth, schemas, script } = facts;
  if (script !== null) return null;
  const folder = 'chaos/requests';
  return {
    file: `${folder}/${name}.yaml`,
    text: [
      schemaLine(folder, schemas, 'requests'),
      '# What the load sends, below BASE_URL; `weight` says how often, compared with the others.',
      ...(requests.some(({ redirects }) => redirects === 0) ? UNASKED : []),
      ...(auth === null ? [] : [`auth: ${authText(auth)}`]),
      'requests:',
      ...requests.map((one) => `  - ${requestText(one)}`),
      '',
    ].join('\n'),
  };
}

const UNASKED = [
  '# `redirects: 0`: init has not asked these, so nobody knows yet where a redirect leads. Take it out once you do.',
];

function authText(auth: FoundAuth): string {
  const members = Object.entries(auth).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  return `{ ${members.join(', ')} }`;
}

function requestText({ method, path, weight, body, headers, name, expect, redirects }: FoundRequest): string {
  const extra = [
    ...(weight === 1 ? [] : [`weight: ${weight}`]),
    ...(name === undefined ? [] : [`name: ${JSON.stringify(name)}`]),
    ...(headers === undefined ? [] : [`headers: ${JSON.stringify(headers)}`]),
    ...(body === undefined ? [] : [`body: ${JSON.stringify(body)}`]),
    ...(expect === undefined ? [] : [`expect: ${JSON.stringify(expect)}`]),
    ...(redirects === undefined ? [] : [`redirects: ${redirects}`]),
  ];
  if (extra.length === 0) return shortText(`${method} ${path}`);
  return `{ method: ${method}, path: ${JSON.stringify(path)}, ${extra.join(', ')} }`;
}

/** `GET /a?b=c` needs no quotes in YAML unless it has a comment or a mapping in it. */
function shortText(text: string): string {
  return /^[A-Z]+ [\w./?=&%~+-]*$/.test(text) ? text : yamlText(text);
}
