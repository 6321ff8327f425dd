import http from 'node:http';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { closeOnSignal, createLog } from '../lib/log.ts';
import { listenHost, origin, ownTestbed, port } from '../lib/testbed.ts';
import { canaryPercent } from './program.ts';
import { answer, forward, type Route } from './proxy.ts';
import { createReplicaSet, type ReplicaSet } from './replicas.ts';
import { type EdgeName, edgeRoutes, keepAliveMs } from './routes.ts';
import { forwardUpgrade } from './upgrade.ts';

/**
 * The load balancer where there is no HAProxy (haproxy/config.ts). Its own pages are below /-/, everything else is passed on.
 */
const { testbed, name } = ownTestbed();
const log = createLog(name);
const registry = new Registry();
collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });
const sets: ReplicaSet[] = [];
const routes = edgeRoutes[name as EdgeName].map(({ prefix, members, attemptTimeoutMs }): Route => {
  const replicas = createReplicaSet(
    members.map((member) => ({ name: member, origin: origin(testbed, member) })),
    log,
    name === 'edge' ? canaryPercent(testbed) : 0,
  );
  sets.push(replicas);
  return { prefix, replicas, attemptTimeoutMs };
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
  { keepAliveTimeout: keepAliveMs, requestTimeout: 120_000 },
  (request, response) => {
    const url = request.url ?? '/';
    if (url.startsWith('/-/')) {
      void ownPage(url, response);
      return;
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
    // None of the settings is followed here.
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    return;
  }
  if (url !== '/-/health') return answer(response, 404, `there is no ${url}`);
  const replicas = sets.flatMap((set) =>
    set.replicas.map(({ name, healthy, inFlight, ejections }) => ({ name, healthy, inFlight, ejections })),
  );
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(JSON.stringify({ status: 'ok', service: name, balancer: 'node', replicas }));
}
