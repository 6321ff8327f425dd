import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Verdict } from '../../orchestrator/verdict.types.ts';
import { shortFaults } from '../drill/faults.ts';
import { type DrillFiles, eventOf, startDrill, writeDrill } from '../drill/run-drill.ts';
import { anyK6 } from '../k6.ts';
import { startTinyTarget, type TinyTarget } from '../tiny-target/tiny-target.ts';
import {
  axeProblems,
  findChromium,
  LOOKS,
  look,
  overflow,
  shows,
  startChromium,
  unreachable,
} from './chromium.ts';

const [k6, chromium] = await Promise.all([anyK6(), findChromium()]);

describe.skipIf(k6 === null || chromium === null)(
  'the page of a real drill in a real browser (needs Chromium)',
  () => {
    let browser: Browser;
    let target: TinyTarget | undefined;
    beforeAll(async () => {
      browser = await startChromium(chromium as string);
    });
    afterAll(() => browser?.close());
    afterEach(() => target?.stop());

    test('grows with the run, says how it ended, stays, and is good to read in every look; so is the report', async () => {
      target = await startTinyTarget({ restartAfterMs: 300 });
      // Long enough to be seen by a browser that starts meanwhile.
      const fault = { ...shortFaults.freeze, for: '4s' };
      const files = writeDrill(target, { faults: [fault], load: load('12s') }, {}, k6?.path);
      const { running, page, url, asked, wrong } = await watch(files);
      await shows(page, 'if the steady state holds until then');
      await shows(page, 'fault:');
      expect(await unreachable(page)).toEqual([]);
      await looksGood(page);
      const { exitCode, stdout, stderr } = await running;
      const verdict = JSON.parse(String(stdout)) as Verdict;
      expect(verdict.verdict, verdict.reasons.join('\n')).toBe('PASS');
      expect(exitCode).toBe(0);
      await shows(page, 'The run has ended: PASS.');
      await shows(page, path.join(files.out, 'report.html'));
      await looksGood(page);
      // Squall is gone by now. What was drawn is still there.
      expect(await page.$$eval('canvas', (all) => all.length)).toBe(4);
      expect(asked.map((one) => new URL(one).origin)).toEqual(asked.map(() => new URL(url).origin));
      expect(wrong).toEqual([]);
      const token = await page.$eval('#main', (main) => main.getAttribute('data-token') ?? '');
      expect(token).toHaveLength(32);
      const journal = readFileSync(path.join(files.out, 'journal.jsonl'), 'utf8');
      for (const text of [String(stderr), String(stdout), journal]) expect(text).not.toContain(token);

      const report = await browser.newPage();
      const address = `file://${path.join(files.out, 'report.html')}`;
      const loaded: string[] = [];
      report.on('request', (request) => loaded.push(request.url()));
      await report.goto(address);
      await looksGood(report);
      expect(await unreachable(report)).toEqual([]);
      expect(loaded.filter((one) => !one.startsWith('data:'))).toEqual([address]);
    });

    test('a stop takes two keys, and the run is INVALID because of it', async () => {
      target = await startTinyTarget();
      const files = writeDrill(
        target,
        { faults: [{ ...shortFaults.freeze, at: '30s' }], load: load('60s') },
        {},
        k6?.path,
      );
      const { running, page } = await watch(files);
      await eventOf(files, 'first-sample', running);
      await page.keyboard.press('Tab');
      expect(await focused(page)).toBe('Stop the run');
      await page.keyboard.press('Enter');
      expect(await focused(page)).toBe('Stop it now');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      expect(await focused(page)).toBe('Stop the run');
      await page.keyboard.press('Enter');
      await page.keyboard.press('Enter');
      const { exitCode, stdout } = await running;
      const verdict = JSON.parse(String(stdout)) as Verdict;
      expect(verdict).toMatchObject({ verdict: 'INVALID', residue: [] });
      expect(verdict.reasons.join('\n')).toContain('the stop button of the live page was pressed');
      expect(exitCode).toBe(2);
      await shows(page, 'The run has ended: INVALID.');
    });

    async function watch(files: DrillFiles) {
      const running = startDrill(files, ['--ui']);
      const url = await addressOf(running);
      const page = await browser.newPage();
      const [asked, wrong]: [string[], string[]] = [[], []];
      page.on('request', (request) => asked.push(request.url()));
      page.on('pageerror', (error) => wrong.push(String(error)));
      await page.goto(url, { waitUntil: 'domcontentloaded' });
      return { running, page, url, asked, wrong };
    }
  },
);

async function looksGood(page: Page): Promise<void> {
  for (const one of LOOKS) {
    await look(page, one);
    expect(await axeProblems(page), `${one.scheme} ${one.width}`).toEqual([]);
    expect(await overflow(page), `${one.scheme} ${one.width}`).toBe(0);
  }
}

function addressOf(running: ReturnType<typeof startDrill>): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    running.stderr?.on('data', (chunk) => {
      said += String(chunk);
      const [, url] = /^live page: (http:\S+)$/m.exec(said) ?? [];
      if (url !== undefined) resolve(url);
    });
    void running.then(({ stderr }) => reject(new Error(`no address: ${String(stderr)}`)));
  });
}

async function focused(page: Page): Promise<string> {
  return String(await page.evaluate('document.activeElement.textContent'));
}

function load(duration: string) {
  return [{ script: 'script.js', vars: { RATE: '20', DURATION: duration } }];
}
