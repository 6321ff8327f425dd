import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { integrations } from '../../../chaos/schema/integrations.ts';
import { freePorts } from '../../../test/free-port.ts';
import { sleep } from '../../clock.ts';
import { onPath } from '../../tools/on-path.ts';
import { realisticRun } from '../fixtures/realistic.ts';
import { traceIdOf } from './otlp.ts';
import { tell } from './tell.ts';

/** Any distribution with the OTLP receiver and the debug exporter: all of them. */
const collector = process.env.OTELCOL_BIN ?? (await onPath('otelcol')) ?? (await onPath('otelcol-contrib'));

test.skipIf(collector === null)(
  'a real collector takes the trace of a run as it is',
  { timeout: 90_000 },
  async () => {
    const directory = mkdtempSync(path.join(os.tmpdir(), 'squall-otlp-'));
    const [port = 0] = await freePorts(1);
    const config = path.join(directory, 'config.yaml');
    writeFileSync(
      config,
      `receivers: { otlp: { protocols: { http: { endpoint: 127.0.0.1:${port} } } } }
exporters: { debug: { verbosity: detailed } }
service:
  telemetry: { metrics: { level: none } }
  pipelines: { traces: { receivers: [otlp], exporters: [debug] } }
`,
    );
    const running = execa(String(collector), ['--config', `file:${config}`], { all: true, reject: false });
    const output: string[] = [];
    running.all?.on('data', (piece: Buffer) => output.push(piece.toString()));
    try {
      await until(() => output.join('').includes('Everything is ready'), output);
      const { verdict } = realisticRun('FAIL').judgement;
      const settings = integrations.parse({ otlp: { url: `http://127.0.0.1:${port}` } });
      const told = await tell({
        integrations: settings,
        told: { verdict, squall: '1.2.3' },
        redact: (text) => text,
      });
      expect(told).toMatchObject([{ name: 'otlp', problem: null, sent: 1, of: 1 }]);
      await until(() => output.join('').includes(`FAIL: ${verdict.drill} on ${verdict.environment}`), output);
      const said = output.join('');
      expect(said).toMatch(new RegExp(`Trace ID *: ${traceIdOf(verdict.run)}`));
      expect(said).toMatch(/-> service\.name: Str\(squall\)/);
      expect(said).toMatch(/Status code *: Error/);
      for (const { name } of verdict.phases) expect(said).toContain(`phase ${name}`);
      for (const { kind, component, downtimeMs } of verdict.faults) {
        expect(said).toContain(`${kind} ${component}`);
        if (downtimeMs !== null) expect(said).toMatch(/-> squall\.downtime_ms: (Int|Double)\(/);
      }
    } finally {
      running.kill('SIGKILL');
      await running;
      rmSync(directory, { recursive: true, force: true });
    }
  },
);

async function until(condition: () => boolean, output: readonly string[]): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (condition()) return;
    await sleep(50);
  }
  throw new Error(`it did not come in time; the collector said: ${output.join('').slice(-1_000)}`);
}
