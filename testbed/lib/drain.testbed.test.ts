import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { freePorts } from '../../test/free-port.ts';
import { eventually } from '../fixtures/running.ts';
import { origin, paths, portOffsets, type Testbed } from './testbed.ts';

const entry = path.resolve(import.meta.dirname, '../../dist/testbed/studio/ai-brain/main.js');

test('a service that is shutting down still answers, and sends clients elsewhere', async () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'squall-drain-'));
  const [own = 0] = await freePorts(1);
  const basePort = own - portOffsets['ai-brain'];
  const testbed: Testbed = { id: 'drain', dir, dataDir: dir, basePort, runAs: null };
  mkdirSync(path.dirname(paths(dir).secrets), { recursive: true });
  writeFileSync(paths(dir).testbed, JSON.stringify(testbed));
  writeFileSync(paths(dir).secrets, JSON.stringify({ jwtKey: 'k'.repeat(32), postgres: {} }));
  const env = {
    SQUALL_TESTBED_DIR: dir,
    SQUALL_TESTBED_SERVICE: 'ai-brain',
    SQUALL_TESTBED_DRAIN_MS: '1500',
  };
  const child = spawn(process.execPath, [entry], { env: { ...process.env, ...env }, stdio: 'ignore' });
  const ended = once(child, 'exit');
  // One connection that is kept, as k6 keeps its own.
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const ask = async () => {
    const request = http.get(`${origin(testbed, 'ai-brain')}/health`, { agent });
    const [answer] = (await once(request, 'response')) as [http.IncomingMessage];
    answer.resume();
    await once(answer, 'end');
    return { status: answer.statusCode, connection: answer.headers.connection };
  };
  try {
    await eventually('the service', () =>
      ask().then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
    expect(await ask()).toEqual({ status: 200, connection: 'keep-alive' });
    child.kill('SIGTERM');
    await eventually('a connection that is not kept', async () => {
      const { status, connection } = await ask();
      expect(status).toBe(200);
      return connection === 'close';
    });
    expect(await ask()).toEqual({ status: 200, connection: 'close' });
    expect(await ended).toEqual([0, null]);
  } finally {
    agent.destroy();
    child.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  }
});
