import { marked } from 'marked';
import { type DefaultTreeAdapterTypes, parse, parseFragment } from 'parse5';
import { SaxesParser } from 'saxes';
import { expect, it } from 'vitest';
import { runFacts } from './facts.ts';
import { HOSTILE, withTexts } from './fixtures/hostile.ts';
import { type Fixture, firstSeconds, realisticRun } from './fixtures/realistic.ts';
import { renderHtml } from './html.ts';
import { renderJunit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';
import { renderVerdict } from './terminal.ts';
import { plain } from './text/plain.ts';
import { verdictJson } from './verdict-json.ts';

type Node = DefaultTreeAdapterTypes.Node;

/** Times inside texts stay times. */
const NUMBERED = /^\d{4}-\d\d-\d\dT/;
/** Every text of a run is hostile in one way. The same run with a harmless text of the same kind says what the shape must be. */
const cases = HOSTILE.map((payload) => ({ payload, title: JSON.stringify(payload), run: planted(payload) }));
const harmless = planted('harm: less');

it.each(cases)(
  'leaves a page the elements and attributes that it has, whatever the texts say: $title',
  ({ payload, run }) => {
    const page = parse(html(run));
    expect(shape(page)).toEqual(shape(parse(html(harmless))));
    const visible = textOf(page, 'script');
    expect(visible).toContain(plain(payload));
    expect(visible.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]/u);
  },
);

it.each(cases)(
  'leaves Markdown its structure, without links, pictures and mentions: $title',
  ({ payload, run }) => {
    const page = parseFragment(marked.parse(markdown(run), { async: false, gfm: true }));
    expect(shape(page)).toEqual(
      shape(parseFragment(marked.parse(markdown(harmless), { async: false, gfm: true }))),
    );
    expect(squeeze(textOf(page))).toContain(squeeze(plain(payload)));
    // What GitHub would link after rendering stays broken up by zero-width spaces outside code.
    expect(textOf(page, 'code')).not.toMatch(/@\w|(^|\W)#\d|\bGH-\d|:\/\/|\bwww\./);
  },
);

it.each(cases)('keeps junit.xml well-formed, each text in its own attribute: $title', ({ payload, run }) => {
  const parsed = parseXml(renderJunit(run.judgement.verdict));
  expect(parsed.shape).toEqual(parseXml(renderJunit(harmless.judgement.verdict)).shape);
  expect(parsed.texts.some((text) => text.includes(plain(payload)))).toBe(true);
});

it.each(cases)('prints no control character and no workflow command: $title', ({ run }) => {
  for (const width of [24, 80, 400]) {
    const lines = renderVerdict(run.judgement.verdict, { color: false, width }).split('\n');
    for (const line of lines) {
      expect(line).not.toMatch(/[\p{Cc}\p{Cs}\u200e\u200f\u2028-\u202e\u2066-\u2069]/u);
      expect(line).not.toMatch(/^\s*::/);
      expect(line).not.toMatch(/##\w*\[/);
    }
  }
});

it.each(cases)(
  'writes verdict.json whose value is exact and whose bytes drive no terminal: $title',
  ({ run }) => {
    const text = verdictJson(run.judgement.verdict);
    expect(JSON.parse(text)).toEqual(run.judgement.verdict);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]/u);
  },
);

function planted(payload: string): Fixture {
  let index = 0;
  return withTexts(firstSeconds(realisticRun('INVALID'), 5), (original) =>
    NUMBERED.test(original) ? original : `${payload}${original}${payload} ${index++}`,
  );
}

function html({ judgement, run }: Fixture): string {
  return renderHtml(judgement, runFacts(run), { script: 'void 0', style: '' });
}

function markdown({ judgement, run }: Fixture): string {
  return renderMarkdown(judgement, runFacts(run));
}

/** Tags and attribute names in document order. */
function shape(node: Node): string[] {
  const own = 'tagName' in node ? [`${node.tagName} ${node.attrs.map((one) => one.name).join(' ')}`] : [];
  const comment = node.nodeName === '#comment' ? ['comment'] : [];
  return [...own, ...comment, ...('childNodes' in node ? node.childNodes.flatMap(shape) : [])];
}

function textOf(node: Node, except = ''): string {
  if ('value' in node) return node.value;
  if ('tagName' in node && node.tagName === except) return '';
  return 'childNodes' in node ? node.childNodes.map((child) => textOf(child, except)).join('') : '';
}

/** Markdown folds spaces, and the zero-width spaces are ours. */
function squeeze(text: string): string {
  return text
    .replace(/\u200b/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

function parseXml(text: string): { shape: string[]; texts: string[] } {
  const [shape, texts]: [string[], string[]] = [[], []];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', (tag) => {
    shape.push(`${tag.name} ${Object.keys(tag.attributes).join(' ')}`);
    texts.push(...Object.values(tag.attributes).map(String));
  });
  parser.on('text', (value) => texts.push(value));
  parser.on('cdata', () => shape.push('cdata'));
  parser.on('comment', () => shape.push('comment'));
  parser.write(text).close();
  return { shape, texts };
}
