import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';

const FLOORS = 'A floor imports only from the floors below it';
/** A file, what it imports, and the word of the rule that refuses it; null: it is allowed. */
const rows = [
  ['orchestrator/statistics/a.ts', '../journal/events.ts', FLOORS],
  ['orchestrator/machine/o.ts', '../samples/types.ts', FLOORS],
  ['orchestrator/samples/b.ts', '../judge/judge.ts', FLOORS],
  ['orchestrator/judge/c.ts', '../report/html.ts', FLOORS],
  ['orchestrator/run/o.ts', '../gate/decision/decide.ts', FLOORS],
  ['orchestrator/gate/p.ts', '../tools/find-k6.ts', FLOORS],
  ['orchestrator/gate/q.ts', '../run/run-drill.ts', null],
  ['orchestrator/d.ts', './run/run-drill.ts', 'The root of the orchestrator holds shared leaves only'],
  ['orchestrator/run/e.ts', '../../chaos/providers/local/provider.ts', 'never a provider'],
  ['chaos/fields/f.ts', '../schema/drill.ts', 'fields < faults, probes < providers'],
  ['chaos/providers/local/g.ts', '../chaos-mesh/provider.ts', 'providers do not know each other'],
  ['chaos/h.ts', '../orchestrator/clock.ts', 'chaos may import thresholds only'],
  ['thresholds/i.ts', '../chaos/provider.ts', 'thresholds is data'],
  ['scenarios/lib/j.ts', '../../orchestrator/clock.ts', 'go into a k6 bundle'],
  ['scripts/k.ts', '../testbed/main.ts', 'Nothing imports the testbed'],
  ['orchestrator/judge/l.ts', '../statistics/histogram.ts', null],
  ['orchestrator/judge/m.ts', './n.ts', 'This import is part of a cycle'],
  ['orchestrator/judge/n.ts', './m.ts', 'This import is part of a cycle'],
] as const;

test('the linter refuses an import against the floors, and a circle', async () => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'squall-floors-'));
  try {
    const { vcs: _, plugins: __, ...config } = JSON.parse(readFileSync('biome.json', 'utf8'));
    writeFileSync(path.join(root, 'biome.json'), JSON.stringify(config));
    for (const [file, imported] of rows) {
      mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
      writeFileSync(path.join(root, file), `import type { X } from '${imported}';\n\nexport type Y = X;\n`);
    }
    const biome = path.resolve('node_modules/.bin/biome');
    const { stdout } = await execa(biome, ['lint', '--reporter=json', '--max-diagnostics=100', '.'], {
      cwd: root,
      reject: false,
    });
    const found = (JSON.parse(stdout) as Report).diagnostics.map(
      ({ location, message, advices }) => [fileOf(location), JSON.stringify([message, advices])] as const,
    );
    for (const [file, , wanted] of rows) {
      const said = found.filter(([of]) => of.endsWith(file)).map(([, text]) => text);
      if (wanted === null) expect(said, file).toEqual([]);
      else expect(said.join('\n'), file).toContain(wanted);
    }
  } finally {
    rmSync(root, { recursive: true });
  }
}, 60_000);

interface Report {
  readonly diagnostics: readonly { location: unknown; message: unknown; advices: unknown }[];
}

function fileOf(location: unknown): string {
  const { path: at } = location as { path: string | { file: string } };
  return typeof at === 'string' ? at : at.file;
}
