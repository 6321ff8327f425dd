import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Gauge, Histogram } from 'prom-client';
import { servicesOf } from '../lib/inventory.ts';
import { createService, HttpError } from '../lib/service.ts';
import { origin, paths } from '../lib/testbed.ts';
import { readCluster } from '../postgres/cluster.ts';
import { currentMaster, replication, sentinelsKnowAll } from '../redis/ask.ts';
import { createActions } from './actions.ts';
import { createAggregator } from './aggregator.ts';
import { createTamperer, findTampering } from './audit.ts';
import { correlationOf } from './correlation.ts';
import { createCounters } from './counters.ts';
import { createIncidents } from './incidents.ts';
import { watchLink } from './link.ts';
import { boundLogs } from './logs.ts';
import { watchObjectives } from './objectives.ts';
import { watchPostgres } from './postgres.ts';
import { createRecoveries } from './recoveries.ts';
import { watchRedis } from './redis.ts';
import { createReleases } from './release/releases.ts';
import { watchServices } from './services.ts';

/** The control loop: checks everything once a period, repairs what it may, and sends alerts. */
const service = createService({ ready: assertWell });
const { app, testbed, settings } = service;
const files = paths(testbed.dir);
const { log } = service;
const receiver = () => settings.read()['alerts-url'] ?? `${origin(testbed, 'alerts')}/`;
const incidents = createIncidents(receiver, log, () => settings.read());
const recoveries = createRecoveries(service.registry);
const control = createActions(
  {
    testbed,
    secrets: service.secrets,
    log,
    incidents,
    settings: () => settings.read(),
  },
  recoveries,
  createCounters(service.registry),
);
const objectives = watchObjectives(control, service);
const systemHealth = createAggregator(control);
const releases = createReleases(control, service);
const tamper = createTamperer(files.audit);
const watchers = [
  watchServices(control, servicesOf(testbed), releases.isChanging),
  watchPostgres(control),
  watchRedis(control),
  watchLink(control),
  async () => boundLogs(files.log),
  async () => recoveries.giveUp(),
  () => objectives.watch(),
  () => releases.watch(),
  async () => tamper(settings.read()['tamper-audit']),
  () => sleep(settings.read()['slow-round-ms']),
];

const longest = new Gauge({
  name: 'control_loop_longest_seconds',
  help: 'Time of the longest of the last ten rounds',
  registers: [service.registry],
});
const lastDurations: number[] = [];
const duration = new Histogram({
  name: 'control_loop_duration_seconds',
  help: 'Time of one round',
  buckets: [0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10],
  registers: [service.registry],
});
const period = new Gauge({
  name: 'control_loop_period_seconds',
  help: 'Time between the starts of the last two rounds',
  registers: [service.registry],
});
let rounds = 0;
let whole = false;
let lastStart: number | undefined;
let lastDurationMs: number | undefined;
let lastPeriodMs: number | undefined;
let timer: NodeJS.Timeout | undefined;

app.get('/status', async () => ({
  service: service.name,
  rounds,
  periodMs: lastPeriodMs,
  durationMs: lastDurationMs,
  killSwitch: existsSync(files.killSwitch),
  postgres: readCluster(testbed.dir),
  sessionsMaster: await currentMaster(testbed),
  incidents: incidents.open(),
  ...auditState(),
  correlation: correlationOf(testbed, incidents.sent()),
  budget: objectives.budget(),
  release: releases.state(),
}));

function auditState() {
  const auditTamperedAtLine = findTampering(files.audit);
  return { auditIntact: auditTamperedAtLine === undefined, auditTamperedAtLine };
}

app.get('/health/all', async (_, reply) => {
  const health = await systemHealth();
  return reply.code(health.status === 'healthy' ? 200 : 503).send(health);
});

/** @throws HttpError 423 */
function refuseWhenFrozen(): void {
  if (objectives.budget().frozen) throw new HttpError(423, 'frozen: the error budget is spent');
}

/** Whoever deploys asks here first. */
app.get('/deployments', async () => {
  refuseWhenFrozen();
  return { frozen: false };
});

app.post<{ Body: { version: string } }>(
  '/deployments',
  {
    schema: {
      body: {
        type: 'object',
        required: ['version'],
        properties: { version: { type: 'string', pattern: '^[\\w.-]{1,30}$' } },
      },
    },
  },
  async (request, reply) => {
    refuseWhenFrozen();
    releases.deploy(request.body.version);
    return reply.code(202).send(releases.state());
  },
);

app.post<{ Body: { on: boolean } }>(
  '/kill-switch',
  {
    schema: { body: { type: 'object', required: ['on'], properties: { on: { type: 'boolean' } } } },
  },
  async (request) => {
    if (request.body.on) writeFileSync(files.killSwitch, `${new Date().toISOString()}\n`);
    else rmSync(files.killSwitch, { force: true });
    return { killSwitch: request.body.on };
  },
);

await service.listen(async () => {
  clearTimeout(timer);
  incidents.close();
});
void round();

async function round(): Promise<void> {
  const start = performance.now();
  if (lastStart !== undefined) lastPeriodMs = start - lastStart;
  if (lastPeriodMs !== undefined) period.set(lastPeriodMs / 1_000);
  lastStart = start;
  const results = await Promise.allSettled(watchers.map((watch) => watch()));
  for (const result of results) {
    if (result.status === 'rejected') app.log.error({ err: result.reason }, 'a part of the round failed');
  }
  rounds += 1;
  lastDurationMs = performance.now() - start;
  duration.observe(lastDurationMs / 1_000);
  lastDurations.push(lastDurationMs / 1_000);
  if (lastDurations.length > 10) lastDurations.shift();
  longest.set(Math.max(...lastDurations));
  // Until everything is healthy for the first time, rounds follow each other at once, because `up` is waiting.
  whole ||= readCluster(testbed.dir).synced;
  const periodMs = settings.read()['control-period-ms'];
  const next = whole ? periodMs : Math.min(periodMs, 200);
  timer = setTimeout(() => void round(), Math.max(0, start + next - performance.now()));
}

async function assertWell(): Promise<void> {
  const { synced } = readCluster(testbed.dir);
  const master = await currentMaster(testbed);
  const replicas = master === undefined ? 0 : (await replication(testbed, master)).replicas;
  const problems = incidents
    .open()
    .filter(({ component }) => component !== 'objectives')
    .map((incident) => incident.summary);
  if (rounds === 0) problems.push('no round of the control loop yet');
  if (!synced) problems.push('the standby of projects-db is not synchronous yet');
  if (replicas < 1) problems.push('the master of sessions has no replica yet');
  if (!(await sentinelsKnowAll(testbed)))
    problems.push('the Sentinels do not know each other or the replica yet');
  if (problems.length > 0) throw new HttpError(503, problems.join('; '));
}
