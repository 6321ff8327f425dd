import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { JournalEvent } from '../../journal/events.ts';
import { RefusalError } from '../../refusal.ts';
import type { LiveTick } from '../../samples/types.ts';
import { createClients } from './clients.ts';
import { createFeed, type FeedOptions } from './feed.ts';
import { refusalOf } from './guard.ts';
import type { LiveEnd } from './message.ts';
import { livePageHtml } from './page.ts';
import { isOwnPeer } from './peer.ts';

export interface LivePageOptions extends FeedOptions {
  /** 0: a free one. */
  readonly port: number;
  /** Somebody pressed the button. Called once. */
  readonly onStop: () => void;
}

/** The run as a page on this machine, for as long as the run lasts. */
export interface LivePage {
  readonly url: string;
  event(event: JournalEvent): void;
  tick(tick: LiveTick, load: number): void;
  /** Tells the browsers how it ended, and closes. At most LAST_WORD_MS. */
  end(end: LiveEnd): Promise<void>;
}

/** How often browsers are told. Samples come in whole seconds, and a browser on this machine takes time from the load. */
const TELL_MS = 1_000;
const LAST_WORD_MS = 500;
const MAX_CONNECTIONS = 32;

/** @throws RefusalError when the port is taken, or may not be used */
export async function openLivePage(options: LivePageOptions): Promise<LivePage> {
  const feed = createFeed(options);
  const clients = createClients(feed);
  const token = randomBytes(24).toString('base64url');
  const page = await livePageHtml(token);
  let stopAsked = false;
  const own = new WeakMap<Socket, Promise<boolean>>();
  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 10_000, keepAliveTimeout: 5_000 },
    (request, response) => void identified(request, response),
  );
  server.on('connection', (socket: Socket) => own.set(socket, isOwnPeer(socket)));
  server.maxConnections = MAX_CONNECTIONS;
  const port = await listen(server, options.port);
  const timer = setInterval(() => clients.tell(), TELL_MS);
  timer.unref();
  // The page must not keep a run alive that has nothing else to do.
  server.unref();

  async function identified(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Nothing that is sent to this server is read.
    request.resume();
    response.on('error', () => {});
    if (await own.get(request.socket)) answer(request, response);
    else say(response, 403, 'this page is for the user who started the run');
  }

  function answer(request: IncomingMessage, response: ServerResponse): void {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const path = (request.url ?? '').split('?')[0];
    const wanted = { '/': 'GET', '/events': 'GET', '/stop': 'POST' }[path ?? ''];
    const refusal = refusalOf(request, path === '/stop' ? token : null);
    if (refusal !== null) say(response, refusal.status, refusal.why);
    else if (wanted === undefined) say(response, 404, 'there is no such page');
    else if (request.method !== wanted) say(response, 405, `this takes ${wanted}`);
    else if (path === '/stop') stop(response);
    else if (path === '/events') clients.add(response);
    else
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...page.headers }).end(page.html);
  }

  function stop(response: ServerResponse): void {
    say(response, 202, 'the run is being stopped');
    if (stopAsked) return;
    stopAsked = true;
    feed.stopping();
    options.onStop();
  }

  return {
    url: `http://127.0.0.1:${port}/`,
    // Whatever is wrong with the page, the run goes on.
    event: (event) => attempt(() => feed.event(event)),
    tick: (tick, load) => attempt(() => feed.tick(tick, load)),
    async end(end) {
      clearInterval(timer);
      feed.end(end);
      server.close();
      await clients.close(LAST_WORD_MS);
      server.closeAllConnections();
    },
  };
}

function attempt(tell: () => void): void {
  try {
    tell();
  } catch (error) {
    if (process.env.SQUALL_DEBUG) process.stderr.write(`squall: live page: ${(error as Error).stack}\n`);
  }
}

const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  // Nobody may lay the stop button under something else.
  'x-frame-options': 'DENY',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
};

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}

/** On this machine only, whoever else can reach it. */
function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new RefusalError(
          `the live page cannot use port ${port} of 127.0.0.1: ${WHY[error.code ?? ''] ?? error.message}`,
          {
            cause: error,
            fix: 'name another one with --ui-port, or leave it out: --ui takes a free one',
          },
        ),
      ),
    );
    server.listen(port, '127.0.0.1', () => {
      server.on('error', () => {});
      resolve((server.address() as AddressInfo).port);
    });
  });
}

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program has it',
  EACCES: 'it takes more rights',
};
