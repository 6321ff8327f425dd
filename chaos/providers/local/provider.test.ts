import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, vi } from 'vitest';
import { type ContractCase, type ContractWorld, describeProviderContract } from '../contract.ts';
import { requestOf, startEcho, startReplicas, temporaryDirectory } from './fixtures/world.ts';
import { childrenOf } from './processes/process-facts.ts';
import { createLocalProvider } from './provider.ts';

describeProviderContract('local', {
  createProvider: createLocalProvider,
  cases: [
    processes('kill one of three', { kind: 'kill', params: { count: 1 } }),
    processes('kill all of three', { kind: 'kill', params: { count: 3 } }),
    processes('freeze one of three', { kind: 'freeze', for: '5s', params: { count: 1 } }),
    processes('freeze two of three', { kind: 'freeze', for: '5s', params: { count: 2 } }),
    stress('stress by CPU', { cpu: { workers: 1, load: 60 } }),
    stress('stress by CPU and memory', { cpu: { workers: 2, load: 30 }, memory: { megabytes: 40 } }),
    stress('stress by memory', { memory: { megabytes: 70 } }),
    ...['both', 'to', 'from'].map((direction) =>
      link(`blackhole (${direction})`, {
        kind: 'partition',
        for: '5s',
        params: { mode: 'blackhole', direction },
      }),
    ),
    link('reset', { kind: 'partition', for: '5s', params: { mode: 'reset' } }),
    link('refuse', { kind: 'partition', for: '5s', params: { mode: 'refuse' } }),
    ...['both', 'to', 'from'].map((direction) =>
      link(`latency (${direction})`, {
        kind: 'latency',
        for: '5s',
        params: { delay: '20ms', jitter: '5ms', direction },
      }),
    ),
  ],
});

function processes(title: string, fault: Record<string, unknown>): ContractCase {
  return {
    title,
    deadlineMs: 5000,
    refused: (request) => ({ ...request, fault: { ...request.fault, params: { count: 4 } } as never }),
    create(): ContractWorld {
      const replicas = startReplicas(3);
      return {
        request: requestOf(fault, { process: { pidFiles: replicas.pidFiles } }),
        snapshot: replicas.states,
        ...(fault.kind === 'kill' ? { exercise: replicas.supervise } : {}),
        crash: replicas.crash,
        residue: () => replicas.states().filter((state) => state.endsWith('stopped')),
        close: replicas.close,
      };
    },
  };
}

function stress(title: string, params: Record<string, unknown>): ContractCase {
  return {
    title,
    deadlineMs: 10_000,
    sabotageMs: 800,
    knowsEarlyEnd: true,
    refused: (request) => ({
      ...request,
      fault: { ...request.fault, params: { memory: { megabytes: 10_000_000 } } } as never,
    }),
    create(): ContractWorld {
      const replicas = startReplicas(1);
      const others = new Set(nodeChildren());
      const burners = () => nodeChildren().filter((pid) => !others.has(pid));
      return {
        request: requestOf(
          { kind: 'stress', for: '5s', params },
          { process: { pidFiles: replicas.pidFiles } },
        ),
        snapshot: replicas.states,
        async crash() {
          for (const pid of burners()) process.kill(pid, 'SIGKILL');
          await vi.waitFor(() => expect(burners()).toEqual([]));
        },
        async residue() {
          await vi.waitFor(() => expect(burners()).toEqual([]));
          return burners().map((pid) => `burner ${pid}`);
        },
        close: replicas.close,
      };
    },
  };
}

/** Pids of this test's own children that are Node, i.e. burners. */
function nodeChildren(): number[] {
  return childrenOf(process.pid).flatMap(({ pid }) => {
    const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
    return name.startsWith('node') || name === 'MainThread' ? [pid] : [];
  });
}

function link(title: string, fault: Record<string, unknown>): ContractCase {
  return {
    title,
    deadlineMs: 5000,
    async create(): Promise<ContractWorld> {
      const echo = await startEcho();
      const { directory, remove } = temporaryDirectory();
      const announce = path.join(directory, 'link.address');
      const address = () => (existsSync(announce) ? readFileSync(announce, 'utf8').trim() : undefined);
      return {
        request: requestOf(fault, { link: { listen: '127.0.0.1:0', upstream: echo.upstream, announce } }),
        snapshot: () => readdirSync(directory),
        exercise: () => echo.talkTo(address),
        crash: echo.close,
        residue: () => readdirSync(directory),
        async close() {
          await echo.close();
          remove();
        },
      };
    },
  };
}
