import { many } from '../objectives/number-text.ts';
import type { MeasuredRow, MeasuredRun } from '../promises/measured-run.ts';
import { AREA_TITLES, linesOf, type RegisterPage } from './page-cells.ts';
import { pageMarkdown } from './page-markdown.ts';

/**
 * What somebody who reads register.md finds on it, as measurements: `summary`, the executive summary comes first; `areas`, each promise of
 * each area has its target and what was measured, or says that nothing was; `aggregated`, one page over several runs, on which the areas add
 * up to all. `markdown` is the page; left out: as it would be written. Pure, but for the time.
 */
export function measurePage(page: RegisterPage, markdown = pageMarkdown(page)): MeasuredRun {
  const sections = sectionsOf(markdown);
  return {
    kind: 'page',
    name: 'register',
    run: 'register.md',
    at: new Date().toISOString(),
    verdict: null,
    rows: [summaryRow(sections, page), areasRow(sections, page), aggregatedRow(sections, page)],
  };
}

interface Section {
  readonly title: string;
  /** The cells of its tables, without the lines below the titles. */
  readonly rows: readonly (readonly string[])[];
}

/** As a reader sees them: headings, and the cells of pipe tables with their marks taken off. */
function sectionsOf(markdown: string): Section[] {
  return markdown
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [title = '', ...lines] = section.split('\n');
      const rows = lines
        .filter((line) => line.startsWith('|') && !/^[|\s:-]+$/.test(line))
        .map((line) => line.split('|').slice(1, -1).map(readable));
      return { title: readable(title), rows };
    });
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', '#124': '|', '#8203': '' };

function readable(cell: string): string {
  return cell
    .replace(/<\/?code>/g, '')
    .replace(/&(amp|lt|gt|#124|#8203);/g, (_, name: string) => ENTITIES[name] ?? '')
    .replace(/\\(.)/g, '$1')
    .replace(/^`(.*)`$/, '$1')
    .trim()
    .replace(/^`(.*)`$/, '$1');
}

function row(name: string, problems: readonly string[], measured: string): MeasuredRow {
  const [first] = problems;
  return {
    what: 'page',
    name,
    phase: null,
    target: null,
    measured: first === undefined ? measured : `${problems.length} missing`,
    result: first === undefined ? 'PASS' : 'FAIL',
    reason: first ?? measured,
  };
}

const SUMMARY = 'Executive summary';

function summaryRow(sections: readonly Section[], { register }: RegisterPage): MeasuredRow {
  const [first] = sections;
  const titles = Object.values(register.areas).map(({ title }) => title);
  const named = new Set(first?.rows.map(([cell = '']) => cell));
  const problems = [
    ...(first?.title === SUMMARY ? [] : [`the page begins with "${first?.title ?? ''}"`]),
    ...titles
      .filter((title) => !named.has(readable(title)))
      .map((title) => `the summary leaves out ${title}`),
  ];
  return row('summary', problems, `${many(titles.length, 'area')} in the summary`);
}

function areasRow(sections: readonly Section[], { register, rows }: RegisterPage): MeasuredRow {
  const found = sections.filter(({ title }) => title !== SUMMARY);
  const areas = Object.entries(register.areas);
  let lines = 0;
  const problems = areas.flatMap(([area, { title }], i) => {
    const cells = found[i]?.title === readable(title) ? (found[i]?.rows ?? []) : [];
    return linesOf(rows, area).flatMap(({ name, isPart }, n) => {
      lines += 1;
      // The first is of the titles.
      const [promise, target = '', measured = '', result = ''] = cells[n + 1] ?? [];
      if (promise?.replace(/^· /, '') !== name)
        return [`${title} leaves out ${isPart ? 'part ' : ''}${name}`];
      return [target, measured, result].includes('') ? [`${name} has no target, measurement or result`] : [];
    });
  });
  return row('areas', problems, `${lines} promises and parts with target and measured`);
}

function aggregatedRow(sections: readonly Section[], { runs }: RegisterPage): MeasuredRow {
  if (runs.length < 2)
    return {
      ...row('aggregated', [], ''),
      measured: null,
      result: 'not measured',
      reason: `there is nothing to put together: ${runs.length} runs`,
    };
  const table = (sections[0]?.rows ?? []).slice(1);
  const all = table.at(-1) ?? [];
  const problems = AREA_TITLES.flatMap((title, i) => {
    if (i === 0) return all[0] === 'All' ? [] : ['nothing says what all areas are together'];
    const sum = table.slice(0, -1).reduce((total, cells) => total + Number(cells[i]), 0);
    return sum === Number(all[i])
      ? []
      : [`${title}: the areas make ${sum}, all of them are said to be ${all[i]}`];
  });
  return row('aggregated', problems, `${table.length - 1} areas of ${runs.length} runs on one page`);
}
