import http from 'node:http';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { closeOnSignal, createLog } from '../lib/log.ts';
import { liveSettings } from '../lib/settings.ts';
import { listenHost, origin, ownTestbed, type PortName, paths, port } from '../lib/testbed.ts';
import { answer, forward, type Route } from './proxy.ts';
import { createReplicaSet, type ReplicaSet } from './replicas.ts';
import { forwardUpgrade } from './upgrade.ts';

/**
 * The load balancer, in front of the gateways as `edge` and in front of the studio's services as `studio-edge`.
 * Its own pages are below /-/, everything else is passed on.
 */
interface Upstream {
  readonly prefix: string;
  readonly members: readonly PortName[];
  readonly attemptTimeoutMs: number;
}

// A new service of the studio gets its line here.
const upstreams: Partial<Record<PortName, readonly Upstream[]>> = {
  edge: [
    // Singers and those who wait for a beat are connected to the studio directly.
    { prefix: '/ws/beats', members: ['producer'], attemptTimeoutMs: 2_500 },
    { prefix: '/ws/vocal', members: ['vocal-coach'], attemptTimeoutMs: 2_500 },
    { prefix: '/api/ai/chat', members: ['gateway-1', 'gateway-2'], attemptTimeoutMs: 35_000 },
    { prefix: '/', members: ['gateway-1', 'gateway-2'], attemptTimeoutMs: 2_500 },
  ],
  'studio-edge': [
    { prefix: '/api/ai/chat', members: ['ai-brain'], attemptTimeoutMs: 31_000 },
    { prefix: '/api/ai/', members: ['producer'], attemptTimeoutMs: 1_800 },
    { prefix: '/', members: ['projects-1', 'projects-2'], attemptTimeoutMs: 1_800 },
  ],
};

const { testbed, name } = ownTestbed();
const log = createLog(name);
const settings = liveSettings(paths(testbed.dir).settings);
const registry = new Registry();
collectDefaultMetrics({ register: registry });
const sets: ReplicaSet[] = [];
const routes = (upstreams[name] ?? []).map((upstream): Route => {
  const replicas = createReplicaSet({
    members: upstream.members.map((member) => ({ name: member, origin: origin(testbed, member) })),
    healthPath: '/health',
    log,
  });
  sets.push(replicas);
  return { prefix: upstream.prefix, replicas, attemptTimeoutMs: upstream.attemptTimeoutMs };
});

const retries = new Counter({
  name: 'edge_retries_total',
  help: 'Requests that got a second attempt',
  labelNames: ['replica'],
  registers: [registry],
});
const failures = new Counter({
  name: 'edge_failures_total',
  help: 'Requests without an answer',
  registers: [registry],
});
new Gauge({
  name: 'edge_replica_healthy',
  help: '1 while the replica gets traffic',
  labelNames: ['replica'],
  registers: [registry],
  collect() {
    for (const replica of sets.flatMap((set) => set.replicas)) {
      this.set({ replica: replica.name }, replica.healthy ? 1 : 0);
    }
  },
});
const counters = {
  retried: (replica: { name: string }) => retries.inc({ replica: replica.name }),
  failed: () => failures.inc(),
};

const server = http.createServer(
  { keepAliveTimeout: 75_000, requestTimeout: 120_000 },
  (request, response) => {
    const url = request.url ?? '/';
    if (url.startsWith('/-/')) {
      void ownPage(url, response);
      return;
    }
    if (settings.read()['body-limit-off'] && Number(request.headers['content-length']) > 10_000_000) {
      request.resume();
      return answer(response, 201, 'sabotage: body-limit-off');
    }
    const route = findRoute(url);
    if (route === undefined) answer(response, 404, `nothing behind ${url}`);
    else
      forward(route, request, response, counters).catch((error: unknown) => {
        log.error({ err: error }, 'forward failed');
        response.destroy();
      });
  },
);
server.on('upgrade', (request, socket, head) => {
  const route = findRoute(request.url ?? '/');
  if (route === undefined) socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
  else forwardUpgrade(route, request, socket, head);
});
server.on('clientError', (_, socket) => {
  if (socket.writable)
    socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
});
server.listen({ port: port(testbed, name), host: listenHost(testbed), backlog: 1_024 }, () =>
  log.info({ port: port(testbed, name) }, 'up'),
);
closeOnSignal(async () => {
  server.close();
  await Promise.all(sets.map((set) => set.close()));
});

function findRoute(url: string): Route | undefined {
  return routes.find((route) => url.startsWith(route.prefix));
}

async function ownPage(url: string, response: http.ServerResponse): Promise<void> {
  if (url === '/-/metrics') {
    response.writeHead(200, { 'content-type': registry.contentType }).end(await registry.metrics());
    return;
  }
  if (url === '/-/settings') {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(settings.readNow()));
    return;
  }
  if (url !== '/-/health') return answer(response, 404, `there is no ${url}`);
  const replicas = sets.flatMap((set) =>
    set.replicas.map(({ name, healthy, inFlight, ejections }) => ({ name, healthy, inFlight, ejections })),
  );
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(JSON.stringify({ status: 'ok', service: name, replicas }));
}
