import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { openConnection } from './connection.ts';
import { execCalls } from './exec.ts';
import { type RecordingServer, startRecordingServer } from './fixtures/recording-server.ts';

/** Kubeconfigs come from the one; programs are run by the other, as a kubelet answers. */
let files: RecordingServer;
let kubelet: WebSocketServer;
let asked: string[];
let answer: (socket: WebSocket) => void;
beforeEach(async () => {
  files = await startRecordingServer();
  asked = [];
  kubelet = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    handleProtocols: () => 'v4.channel.k8s.io',
  });
  kubelet.on('connection', (socket, { url }) => {
    asked.push(url ?? '');
    answer(socket);
  });
  await once(kubelet, 'listening');
});
afterEach(async () => {
  for (const socket of kubelet.clients) socket.terminate();
  kubelet.close();
  await files.close();
});

const STDOUT = 1;
const STATUS = 3;
const say = (socket: WebSocket, channel: number, text: string) =>
  socket.send(Buffer.concat([Buffer.from([channel]), Buffer.from(text)]));
const at = { namespace: 'lab', pod: 'web-1', container: 'main' };

async function run(signal = AbortSignal.timeout(10_000), port = (kubelet.address() as AddressInfo).port) {
  const connection = await openConnection({ kubeconfig: files.kubeconfig({ token: 'one' }) });
  connection.config.clusters = connection.config.clusters.map((one) => ({
    ...one,
    server: `http://127.0.0.1:${port}`,
  }));
  return await execCalls(connection).exec(at, ['cat', '/proc/net/dev'], signal);
}

test('what the program prints comes back, and the one container is asked', async () => {
  answer = (socket) => {
    say(socket, STDOUT, 'first, ');
    say(socket, STDOUT, 'second');
    say(socket, STATUS, '{"status":"Success"}');
  };
  expect(await run()).toBe('first, second');
  expect(asked).toEqual([
    '/api/v1/namespaces/lab/pods/web-1/exec?stdout=true&stderr=true&stdin=false&tty=false&command=cat&command=%2Fproc%2Fnet%2Fdev&container=main',
  ]);
});

test('a program that ends with an error has printed what it could', async () => {
  answer = (socket) => {
    say(socket, STDOUT, 'half');
    say(socket, STATUS, '{"status":"Failure","reason":"NonZeroExitCode","message":"exit code 1"}');
  };
  expect(await run()).toBe('half');
});

test('a program that is not there is an error that says so', async () => {
  answer = (socket) =>
    say(
      socket,
      STATUS,
      '{"status":"Failure","reason":"InternalError","message":"\\"cat\\": executable file not found"}',
    );
  await expect(run()).rejects.toThrow('cannot run cat in lab/web-1: "cat": executable file not found');
});

test('a connection that ends early, a program that hangs and a server that refuses do not keep anybody waiting', async () => {
  answer = (socket) => socket.close();
  await expect(run()).rejects.toThrow('ended early');
  answer = () => {};
  await expect(run(AbortSignal.timeout(300))).rejects.toThrow('did not end in time');
  await expect(run(undefined, Number(new URL(files.url).port))).rejects.toThrow(
    /cannot run cat in lab\/web-1: /,
  );
});
