import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import which from 'which';

/** The path of a Chromium on this machine; null: tests with a browser are skipped. */
export async function findChromium(): Promise<string | null> {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    const found = await which(name, { nothrow: true });
    if (found !== null) return found;
  }
  return null;
}

export async function startChromium(executablePath: string): Promise<Browser> {
  return puppeteer.launch({
    executablePath,
    // Root has no sandbox, and it shows only pages that these tests make.
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
}

export interface Look {
  readonly scheme: 'light' | 'dark';
  readonly width: number;
}

/** Every look that a page has to be good in. */
export const LOOKS: readonly Look[] = [
  { scheme: 'light', width: 1280 },
  { scheme: 'dark', width: 1280 },
  { scheme: 'light', width: 360 },
  { scheme: 'dark', width: 360 },
];

export async function look(page: Page, { scheme, width }: Look): Promise<void> {
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures([
    { name: 'prefers-color-scheme', value: scheme },
    { name: 'prefers-reduced-motion', value: 'reduce' },
  ]);
}

/** What axe finds wrong, one line each: WCAG 2.1 A and AA, contrast among them. */
export async function axeProblems(page: Page): Promise<readonly string[]> {
  const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  // By the debugger: the page's own policy lets no other script in.
  await page.evaluate(source);
  const found = (await page.evaluate(
    `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'], resultTypes: ['violations'] })
      .then(({ violations }) => violations.flatMap((one) => one.nodes.map((node) => one.id + ': ' + node.target.join(' ') + ': ' + node.failureSummary)))`,
  )) as string[];
  return found;
}

/** Pixels by which the page is wider than the window. */
export async function overflow(page: Page): Promise<number> {
  return (await page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  )) as number;
}

/** What a mouse can use and Tab does not get to, or gets to without showing it: as `a: Faults`. */
export async function unreachable(page: Page): Promise<readonly string[]> {
  const total = Number(
    await page.evaluate(`(() => {
      const all = document.querySelectorAll('a[href], button, summary, input, select, textarea, [onclick], [tabindex="0"]');
      window.usable = [...all].filter((one) => one.checkVisibility() && !one.disabled);
      document.activeElement?.blur();
      return window.usable.length;
    })()`),
  );
  const reached = new Set<number>();
  // Some more: what scrolls takes the focus, too.
  for (let key = 0; key < total + 20 && reached.size < total; key += 1) {
    await page.keyboard.press('Tab');
    reached.add(
      Number(
        await page.evaluate(`(() => {
          const { outlineStyle, boxShadow } = getComputedStyle(document.activeElement);
          return outlineStyle === 'none' && boxShadow === 'none' ? -1 : window.usable.indexOf(document.activeElement);
        })()`),
      ),
    );
    reached.delete(-1);
  }
  const names = (await page.evaluate(
    `window.usable.map((one) => one.tagName.toLowerCase() + ': ' + one.textContent.trim().slice(0, 60))`,
  )) as string[];
  return names.filter((_, at) => !reached.has(at));
}

/** Waits until the page shows this text. @throws with what it shows instead */
export async function shows(page: Page, text: string, withinMs = 40_000): Promise<void> {
  const end = Date.now() + withinMs;
  for (;;) {
    // Not waitForFunction: it needs eval in the page, which its policy forbids.
    const shown = String(await page.evaluate('document.body.innerText'));
    if (shown.includes(text)) return;
    if (Date.now() > end) throw new Error(`the page does not show "${text}" but:\n${shown}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
