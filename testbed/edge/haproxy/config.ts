import { host, hostOf, listenHost, port, type Testbed } from '../../lib/testbed.ts';
import {
  checkEveryMs,
  checkTimeoutMs,
  connectTimeoutMs,
  type EdgeName,
  type EdgeRoute,
  edgeRoutes,
  healthPath,
  keepAliveMs,
  timeoutsToEject,
} from '../routes.ts';

/**
 * HAProxy's configuration for a load balancer that behaves as edge/main.ts does: active checks, a second attempt on another replica for
 * requests that may be repeated, errors as JSON, and its own pages below /-/.
 */
export function edgeConfig(
  testbed: Testbed,
  name: EdgeName,
  {
    exporter,
    blind = false,
    canaryPercent = 0,
  }: { exporter: boolean; blind?: boolean; canaryPercent?: number },
): string {
  const routes = edgeRoutes[name];
  return [
    ...global,
    ...(blind ? defaults.filter((line) => !triesAgain.test(line)) : defaults),
    ...(blind ? ['  retries 0'] : []),
    ...frontend(testbed, name, exporter),
    ...routes.flatMap((route) =>
      backend(testbed, routes, route)
        .map((line) => (blind ? unchecked(line) : line))
        .map((line) => (name === 'edge' && canaryPercent > 0 ? weighted(line, canaryPercent) : line)),
    ),
    '',
  ].join('\n');
}

/** More than k6 opens at 1000 virtual users; each costs a descriptor here and at most one at a replica. */
const maxConnections = 8_192;

const global = [
  'global',
  // One process with one thread: what a fault hits is the whole load balancer, and one thread carries far more than this machine sends.
  '  nbthread 1',
  `  maxconn ${maxConnections}`,
  // With fewer descriptors than that, it starts all the same.
  '  no strict-limits',
];

const error = (status: number, message: string): string =>
  `  http-error status ${status} content-type application/json string '${JSON.stringify({ error: message, status })}'`;

const defaults = [
  'defaults',
  '  mode http',
  `  timeout connect ${connectTimeoutMs}ms`,
  `  timeout client ${keepAliveMs}ms`,
  `  timeout http-keep-alive ${keepAliveMs}ms`,
  '  timeout http-request 120s',
  `  timeout check ${checkTimeoutMs}ms`,
  // WebSockets may be silent.
  '  timeout tunnel 1h',
  '  option forwardfor',
  // The second attempt goes to another replica. A request that may not be repeated gets one only if it was never sent.
  '  retries 1',
  '  option redispatch 1',
  '  retry-on conn-failure empty-response response-timeout',
  // Otherwise each client would have connections of its own to the replicas.
  '  http-reuse always',
  error(400, 'not a request'),
  error(408, 'the request did not arrive in time'),
  error(500, 'internal error'),
  error(502, 'no replica answered: the connection broke'),
  error(503, 'no replica answered: none can be reached'),
  error(504, 'no replica answered in time'),
];

const triesAgain = /^ {2}(retries|option redispatch|retry-on) /;

/** Sabotage: a server that is never checked gets its share whatever becomes of it. */
function unchecked(line: string): string {
  return line.replace(/ (check|track \S+)$/, '').replace(/ observe .*$/, '');
}

/** The last gateway gets its share; by the number of connections it could not have one. */
function weighted(line: string, percent: number): string {
  if (line === '  balance leastconn') return '  balance roundrobin';
  const gateway = /^ {2}server gateway-(\d)(?!-)/.exec(line)?.[1];
  if (gateway === undefined) return line;
  return `${line} weight ${gateway === '2' ? percent : 100 - percent}`;
}

function frontend(testbed: Testbed, name: EdgeName, exporter: boolean): string[] {
  const routes = edgeRoutes[name];
  const health = `{"status":"ok","service":"${name}","balancer":"haproxy","replicas":[${routes.flatMap(replicaPages).join(',')}]}`;
  return [
    `frontend ${name}`,
    `  bind ${listenHost(testbed)}:${port(testbed, name)} backlog 1024`,
    `  http-request return status 200 content-type application/json lf-string '${health}' if { path /-/health }`,
    // None of the settings is followed here.
    "  http-request return status 200 content-type application/json string '{}' if { path /-/settings }",
    ...(exporter ? ['  http-request use-service prometheus-exporter if { path /-/metrics }'] : []),
    `  http-request return status 404 content-type application/json string '${JSON.stringify({ error: 'there is no such page', status: 404 })}' if { path_beg /-/ }`,
    '  acl repeatable method GET HEAD OPTIONS',
    '  acl repeatable req.hdr(idempotency-key) -m found',
    '  http-request disable-l7-retry unless repeatable',
    ...routes.flatMap(({ prefix }) =>
      prefix === '/'
        ? [`  default_backend ${backendName(prefix)}`]
        : [`  use_backend ${backendName(prefix)} if { path_beg ${prefix} }`],
    ),
  ];
}

/** How a replica does, as log-format, with the same names as the page of edge/main.ts. */
function replicaPages({ prefix, members }: EdgeRoute): string[] {
  return members.map((member) => {
    const server = `${backendName(prefix)}/${member}`;
    return `{"name":"${member}","healthy":%[srv_is_up(${server}),iif(true,false)],"inFlight":%[srv_conn(${server})]}`;
  });
}

function backend(testbed: Testbed, routes: readonly EdgeRoute[], route: EdgeRoute): string[] {
  const { prefix, members, attemptTimeoutMs } = route;
  const servers = members.flatMap((member) => {
    const address = `${hostOf(testbed, member)}:${port(testbed, member)}`;
    // Each replica is checked once, however many routes lead to it.
    const checked = routes.findLast((one) => one.members.includes(member)) ?? route;
    const checks = checked === route ? 'check' : `track ${backendName(checked.prefix)}/${member}`;
    return [`  server ${member} ${address} ${checks}`, `  server ${member}-unchecked ${address} backup`];
  });
  return [
    `backend ${backendName(prefix)}`,
    `  timeout server ${attemptTimeoutMs}ms`,
    '  balance leastconn',
    '  option httpchk',
    `  http-check send meth GET uri ${healthPath} ver HTTP/1.1 hdr host ${host}`,
    // Only a failure of the server itself says that it is out of order.
    '  http-check expect status 200-499',
    // A refused connection takes a replica out at once, until a check succeeds.
    `  default-server inter ${checkEveryMs}ms fall ${timeoutsToEject} rise 1 observe layer4 error-limit 1 on-error mark-down`,
    // When no replica passes its checks, the machine is slow, and giving up the last one would not help: all are tried.
    '  option allbackups',
    ...servers,
  ];
}

/** `/ws/beats` is `ws-beats`, and the one for everything else `default`. */
function backendName(prefix: string): string {
  return prefix.split('/').filter(Boolean).join('-') || 'default';
}
