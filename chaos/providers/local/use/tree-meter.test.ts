import { chmodSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { freePorts } from '../../../../test/free-port.ts';
import { serve, startTree } from '../fixtures/trees.ts';
import { until } from '../fixtures/world.ts';
import { readTable } from '../processes/process-table.ts';
import { socketInodesOf, tcpSocketsOf } from '../processes/sockets.ts';
import { createSocketTables } from './socket-tables.ts';
import { createTreeMeter } from './tree-meter.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

it.runIf(process.platform === 'linux')(
  'a look that `ss` fails to answer loses nothing, and makes nothing new of what passed before the watch',
  async () => {
    const [port = 0] = await freePorts(1);
    const tree = await startTree(`exec ${serve(port)}`);
    cleanups.push(() => tree.close());
    // An ss of this test's own: the kernel's bytes cannot be set, and the real one does not fail on demand.
    const said = (bytes: number | null) => {
      const inode = [...(socketInodesOf(tree.root.pid) ?? [])].find((one) =>
        tcpSocketsOf(tree.root.pid).some(({ inode, state }) => inode === one && state === 'established'),
      );
      const line = `ESTAB 0 0 127.0.0.1:${port} 127.0.0.9:54321 ino:${inode} sk:1 bytes_acked:1 bytes_received:${bytes}`;
      const program = path.join(tree.directory, 'ss');
      writeFileSync(program, bytes === null ? '#!/bin/sh\nexit 1\n' : `#!/bin/sh\necho '${line}'\n`);
      chmodSync(program, 0o755);
    };
    await until(() => connected(port));
    vi.stubEnv('PATH', `${tree.directory}:${process.env.PATH}`);
    const meter = createTreeMeter(tree.root, false);
    const readings = [null, 5_000, 5_100, null, 5_350];
    const bytes: (number | undefined)[] = [];
    for (const reading of readings) {
      said(reading);
      const before = Date.now();
      await meter.look(readTable(), createSocketTables()(), true);
      bytes.push(meter.looks.around(before, Date.now() + 1)?.last.counters.bytes);
      await until(() => Date.now() > before + 1);
    }
    expect(bytes.slice(1)).toEqual([0, 100, undefined, 350]);
  },
);

it.runIf(process.platform === 'linux')(
  'a look at a process that is ending leaves what is known of it: it has closed its port before it is gone',
  async () => {
    const [port = 0] = await freePorts(1);
    const tree = await startTree(`exec ${serve(port)}`);
    cleanups.push(() => tree.close());
    await until(() => connected(port));
    const meter = createTreeMeter(tree.root, false);
    // What a look begins with; by the time that it comes to the sockets, the process may have ended.
    const table = readTable();
    await meter.look(table, createSocketTables()(), false);
    const counted = () => meter.looks.around(0, Date.now() + 60_000)?.last.counters;
    const first = Date.now();
    await until(() => Date.now() > first);
    await meter.look(table, createSocketTables()(), false);
    const before = counted();
    process.kill(tree.root.pid, 'SIGKILL');
    await until(() => socketInodesOf(tree.root.pid)?.size === 0);
    await meter.look(table, createSocketTables()(), false);
    expect(meter.facts().listens).toEqual([`127.0.0.1:${port}`]);
    expect(counted()).toEqual(before);
  },
);

function connected(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    cleanups.push(() => socket.destroy());
    socket.once('error', () => resolve(false));
  });
}
