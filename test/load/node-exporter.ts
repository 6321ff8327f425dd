import { execa } from 'execa';
import { onPath } from '../../orchestrator/tools/on-path.ts';
import { eventually } from '../../testbed/fixtures/running.ts';
import { freePorts } from '../free-port.ts';

/** Null: this machine has none (Debian: prometheus-node-exporter). */
export const nodeExporter = await onPath('prometheus-node-exporter');

/** Runs `work` while node_exporter tells of this machine: of its processors, its memory and its disks. */
export async function withNodeExporter<T>(program: string, work: (url: string) => Promise<T>): Promise<T> {
  const [port = 0] = await freePorts(1);
  const collectors = ['cpu', 'meminfo', 'filesystem'].map((name) => `--collector.${name}`);
  const running = execa(
    program,
    [`--web.listen-address=127.0.0.1:${port}`, '--collector.disable-defaults', ...collectors],
    { reject: false, all: true },
  );
  try {
    const url = `http://127.0.0.1:${port}/metrics`;
    await eventually('node_exporter answers', async () => (await fetch(url)).ok, 20_000);
    return await work(url);
  } finally {
    running.kill('SIGKILL');
    await running;
  }
}
