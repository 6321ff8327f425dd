/**
 * A target whose misbehaviour is scripted to the millisecond, and which records it itself. Plain JavaScript, because tests start it
 * as a process. Talks to its parent by messages; reference-target.ts describes the script and the record.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Worker } from 'node:worker_threads';
import { alertAt, at, keepHeartbeat, now } from './server-clock.mjs';

let windows = [];
let served = 0;
/** Requests that a stall holds back, with their responses. */
const held = [];
const sockets = new Set();
const store = new Map();
const record = { windows: [], acknowledged: [], lost: [], duplicated: [], alertSentAt: null, requests: 0 };
/** When each request arrived, including those that were not answered. */
const arrivals = [];
/** With a directory, it leaves there what outlives it: its pid (once it listens) and the time of its last heartbeat. */
const [port, directory] = [Number(process.argv[2]), process.argv[3]];
if (directory)
  new Worker(new URL('heartbeat.mjs', import.meta.url), { workerData: `${directory}/heartbeat` }).unref();
const pauses = keepHeartbeat();
let writes = { loseEvery: 0, duplicateEvery: 0, lose: [], duplicate: [] };

const server = createServer((request, response) => {
  const at = now();
  // The tests' own requests are not part of the script.
  if (request.url === '/lookup' || request.url === '/batch') return void answerBatch(request, response);
  served += 1;
  record.requests += 1;
  arrivals.push(at);
  const window = windows.find((w) => at >= w.from && at < w.to && (!w.every || served % w.every === 0));
  switch (window?.mode) {
    case 'error':
      response.writeHead(500).end();
      return;
    case 'reset':
      request.socket.resetAndDestroy();
      return;
    case 'blackhole':
      return;
    case 'stall':
      held.push({ request, response });
      return;
    case 'delay':
      setTimeout(() => answer(request, response), delayOf(window, at));
      return;
    default:
      answer(request, response);
  }
});
// Closing an idle connection just when k6 reuses it would look like a failure of the target.
server.keepAliveTimeout = 0;
server.requestTimeout = 0;
server.on('connection', (socket) => {
  sockets.add(socket);
  socket.on('error', () => {});
  socket.on('close', () => sockets.delete(socket));
});

function answer(request, response) {
  if (request.method !== 'POST') {
    response.end('ok');
    return;
  }
  take(request.headers['idempotency-key']);
  request.resume();
  response.writeHead(201).end('{}');
}

/** Acknowledges a write and stores it once, not at all, or twice, as the script says. */
function take(id) {
  const number = record.acknowledged.push(id);
  const chosen = (every, some) => (every > 0 && number % every === 0) || some.includes(number);
  const lost = chosen(writes.loseEvery, writes.lose);
  const twice = !lost && chosen(writes.duplicateEvery, writes.duplicate);
  if (lost) record.lost.push(id);
  else store.set(id, twice ? 2 : 1);
  if (twice) record.duplicated.push(id);
}

/** POST {ids}: /batch acknowledges each as one write; /lookup counts how often each is there, and leaves out those that are not. */
async function answerBatch(request, response) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  const { ids } = JSON.parse(text);
  if (request.url === '/batch') {
    for (const id of ids) take(id);
    response.writeHead(201).end('{}');
    return;
  }
  const present = ids.filter((id) => store.has(id));
  response.end(JSON.stringify({ counts: Object.fromEntries(present.map((id) => [id, store.get(id)])) }));
}

/** Rises from `delayMs` to `delayToMs` over the window, so that a window cut at the wrong place has different percentiles. */
function delayOf({ from, to, delayMs, delayToMs = delayMs }, time) {
  return delayMs + ((delayToMs - delayMs) * (time - from)) / (to - from);
}

function listen(port) {
  return new Promise((resolve) => server.listen(port, '127.0.0.1', 4096, resolve));
}

await listen(port);
if (directory) {
  writeFileSync(`${directory}/server.pid.new`, String(process.pid));
  renameSync(`${directory}/server.pid.new`, `${directory}/server.pid`);
}
record.startedAt = now();

process.on('message', async (message) => {
  if (message.type === 'script') {
    writes = { ...writes, ...message.writes };
    const zero = now();
    windows = message.windows.map((w) => ({ ...w, from: zero + w.from, to: zero + w.to }));
    for (const window of windows) schedule(window);
    if (message.alert) {
      alertAt(zero + message.alert.at, message.alert, (sentAt) => {
        record.alertSentAt = sentAt;
      });
    }
    process.send({ type: 'scripted', zero });
  } else if (message.type === 'record') {
    process.send({ type: 'record', record: { ...record, arrivals, pauses } });
  }
});

/** Modes that need an action at their ends; the others read the clock for each request. */
function schedule(window) {
  const entry = { name: window.name, mode: window.mode, from: window.from, to: window.to };
  record.windows.push(entry);
  if (window.mode === 'refuse') {
    at(window.from, () => {
      entry.from = now();
      server.close();
      for (const socket of sockets) socket.resetAndDestroy();
    });
    at(window.to, async () => {
      await listen(port);
      entry.to = now();
    });
  }
  if (window.mode === 'stall') {
    at(window.to, () => {
      // First drop those whose client has given up: answering them takes milliseconds in which nobody is served.
      const waiting = held.splice(0).filter(({ request }) => !request.socket.destroyed);
      entry.to = now();
      for (const { request, response } of waiting) answer(request, response);
    });
  }
}

process.on('disconnect', () => process.exit(0));
process.send({ type: 'ready' });
