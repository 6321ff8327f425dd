import { closest, distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { readJson, type WatchedFile, watchFile, writeAtomically } from './files.ts';

const flag = z.stringbool().default(false);
const duration = (fallback: number) => z.coerce.number().int().min(0).max(3_600_000).default(fallback);
const count = z.coerce.number().int().min(0).max(1_000_000).default(0);
const share = z.coerce.number().min(0).max(1).default(0);

/**
 * The settings of `--set name=value`. The first group tunes; everything after it is sabotage, which breaks the testbed in some way, so
 * that a test can see squall notice. Sabotage is never on by default.
 */
export const settingsSchema = z.strictObject({
  'control-period-ms': z.coerce.number().int().min(100).max(3_600_000).default(2_000),
  'restart-frozen': flag,
  'forget-tries-after-ms': duration(30_000).describe(
    'after so long without trouble a process has all its tries to be restarted again',
  ),
  'restart-by-hand-after-ms': duration(0).describe(
    'so long after an escalation a person restarts the process; 0: nobody does',
  ),
  'watch-objectives': flag.describe('the control loop alerts about objectives, and keeps an error budget'),
  'budget-window-ms': z.coerce.number().int().min(1_000).max(3_000_000_000).default(2_592_000_000),
  'alerts-url': z.url({ protocol: /^https?$/ }).optional(),
  'rate-limit': z.coerce.number().int().min(1).max(1_000_000).default(100),

  'canary-percent': z.coerce
    .number()
    .int()
    .min(0)
    .max(99)
    .default(0)
    .describe(
      'share of the load that the last gateway gets, from the next start of the edge on; 0: as much as any',
    ),
  'canary-for-ms': duration(600_000).describe('so long a new version runs beside the old one'),
  'canary-answers': z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(100)
    .describe('fewer answers of a version tell nothing about it'),

  'gateway-capacity': count.describe(
    'requests a second that each gateway takes on; more are refused at once with 503; 0: as many as come',
  ),

  'beat-workers': z.coerce.number().int().min(1).max(100).default(4),
  'beat-queue': z.coerce.number().int().min(1).max(10_000).default(200),
  'beat-min-ms': duration(10_000),
  'beat-max-ms': duration(30_000),
  'export-workers': z.coerce.number().int().min(1).max(100).default(8),
  'export-queue': z.coerce.number().int().min(1).max(10_000).default(200),
  'export-ms': duration(1_500).describe('how long the export of one stem takes'),
  'brain-ms': duration(800).describe('how long the AI brain thinks on average'),

  'business-day-ms': z.coerce
    .number()
    .int()
    .min(10)
    .max(86_400_000)
    .default(1_000)
    .describe('how long a day of the business service is'),
  'cost-period-ms': duration(1_000).describe('time between looks at what AI requests have cost'),

  'vocal-record': flag.describe(
    'the vocal coach writes down each chunk that it hears, in vocal-record.ndjson',
  ),

  'breaker-off': flag.describe('the gateways wait 20 s for the studio, however often it was in vain'),
  'never-fail-over': flag.describe('the gateways stay with the first studio cloud, reachable or not'),
  'unmarked-degraded': flag.describe('a read that may be out of date does not say so'),
  'shared-forgets-absent': flag.describe(
    'who comes back to a shared session is not told what they missed, and the first edit that they bring reaches nobody',
  ),
  'overload-queues': flag.describe('requests over gateway-capacity wait instead of being refused'),
  'forget-sessions': count.describe('1 session in N is acknowledged and not kept'),
  'balancer-blind': flag.describe(
    'the load balancers, from their next start on, neither check replicas nor try another one (HAProxy only)',
  ),
  'forget-writes': count.describe('1 write in N is acknowledged and not stored'),
  'duplicate-writes': count.describe('1 write in N is stored twice'),
  'deadlock-writes': count.describe('beside 1 write in N two statements wait for each other'),
  'events-unfiltered': flag.describe('a search for events of a service or type finds those of all'),
  'events-unindexed': flag.describe('a search for events looks at all of them, as if there were no index'),
  'forget-events': count.describe('1 event in N is acknowledged and not stored'),
  'slow-ms': z.coerce
    .number()
    .int()
    .min(0)
    .max(60_000)
    .default(0)
    .describe('added to each answer of slow-path'),
  'slow-path': z.string().startsWith('/').default('/').describe('prefix of the paths that slow-ms slows'),
  'slow-method': z.string().default('').describe('only requests with this method'),
  'slow-every': count.describe('only 1 answer in N, counted in each process'),
  'slow-instance': z.string().default('').describe('only answers of this process, e.g. gateway-2'),
  'error-share': share.describe('share of the answers below error-path that are 500'),
  'error-path': z.string().startsWith('/').default('/api/'),
  'error-instance': z.string().default('').describe('only answers of this process'),
  'link-delay-ms': duration(0).describe('added to each answer that crosses from cloud to cloud'),
  'empty-health': flag.describe('GET /health is a 200 without a body'),
  'rate-limiter-off': flag,
  'accept-missing': flag.describe('a request without a token is taken for one of the user "user"'),
  'accept-expired': flag.describe('an expired token is accepted'),
  'accept-tampered': flag.describe('the signature of a token is not looked at'),
  'admin-for-all': flag.describe('admin pages and the projects of others are open to every user'),
  'flap-health-ms': duration(0).describe(
    'GET /health of the gateways is 503 every other stretch of this length, but for checks of load balancers',
  ),
  'search-as-pattern': flag.describe('a search text is not taken as plain text'),
  'bounds-off': flag.describe('a write that breaks a constraint is answered with 201'),
  'last-write-wins': flag.describe('of two racing changes both are told that they won'),
  'login-as-query': flag.describe('a password that would be true in a query logs in'),
  'counted-ids': flag.describe('ids of projects are counted up'),
  'show-stacks': flag.describe('errors are answered with their stack'),
  'strip-names': flag.describe('markup is cut out of names instead of being stored as it is'),
  'body-limit-off': flag.describe('bodies over 10 MB are not refused'),
  'serve-traversal': flag.describe('a path with .. in it is answered with a file'),
  'burn-cpu': z.coerce
    .number()
    .min(0)
    .max(0.9)
    .default(0)
    .describe('share of a core that each gateway wastes'),
  'gateway-leak-kb': count.describe('kept for each request to a gateway, until it is 0 again'),
  'beat-fails': count.describe('1 beat in N fails'),
  'beat-unannounced': count.describe('of 1 beat in N nobody hears that it is done'),
  'beat-announced-late-ms': duration(0),
  'beat-leak-kb': count.describe('kept for each beat, until it is 0 again'),
  'audio-unrecorded': count.describe('of 1 finished beat in N the database does not know where it is'),
  'export-fails': count.describe('1 export in N fails'),
  'export-silent': flag.describe('exports do not say how far they are'),
  'store-forgets': count.describe('1 upload in N is acknowledged and not kept'),
  'store-cuts': count.describe('of 1 upload in N half is kept'),
  'store-unsigned': flag.describe('the object store does not look at signatures'),
  'vocal-slow-ms': duration(0).describe('added to each answer to a chunk, or to 1 in slow-every'),
  'vocal-drops': count.describe('1 chunk in N is not answered; likewise below'),
  'vocal-reorders': count,
  'vocal-duplicates': count,
  'vocal-wrong-pitch': count,
  'vocal-hangs-up': count,
  'vocal-foreign-frames': count.describe('besides the answer to 1 chunk in N there is a frame that is none'),
  'shared-slow-ms': duration(0).describe('added to each change of a shared session, or to 1 in slow-every'),
  'shared-forgets': count.describe('1 change in N reaches nobody but its author'),
  'shared-repeats': count.describe('1 change in N reaches the others twice'),
  'shared-untold': flag.describe('nobody is told that a change has overwritten another'),
  'shared-first-wins': flag.describe('of two changes that did not know of each other the first one is kept'),
  'restart-fails': z
    .string()
    .default('')
    .describe('restarts of this process by the control loop do not help'),
  'restart-helps-at': count.describe('… but for the Nth of the tries that bring it back; 0: none helps'),
  'never-restart': flag.describe('the control loop restarts nothing, and calls nobody'),
  'endless-tries': flag.describe('the control loop restarts again and again, and calls nobody'),
  'ignore-kill-switch': flag,
  'alerts-without-id': flag.describe('alerts have no correlation id'),
  'log-without-ids': flag.describe('the log does not have the correlation ids of alerts'),
  'tamper-audit': flag.describe('a word of the audit log is changed, until it is off again'),
  'slow-round-ms': duration(0).describe('added to each round of the control loop'),
  'no-objective-alerts': flag.describe('with watch-objectives: nobody is alerted'),
  'never-freeze': flag.describe('with watch-objectives: a spent budget freezes nothing'),
  'forecast-blind': flag.describe('with watch-objectives: what is spent is taken for all that will be'),
  'health-aggregator-off': flag.describe('GET :9050/health/all says that all is well, and looks at nothing'),
  'skip-smoke': flag.describe('a new version gets traffic without having been looked at'),
  'never-roll-back': flag.describe('a bad version stays'),
  'new-version-fails': count.describe('of a version that is on its way, 1 answer to users in N is 500'),
  'new-version-slow-ms': duration(0).describe('added to its answers to users'),
  'new-version-broken': z
    .enum(['', 'health', 'endpoints', 'database'])
    .default('')
    .describe('what of it does not work at all'),
  'vocal-leak-kb': count.describe('kept and never freed, for each chunk'),
  'onboard-without': z
    .enum(['', 'customer', 'api-key', 'mail', 'dashboard', 'database-row'])
    .default('')
    .describe('what a new customer is told to have, and has not'),
  'churn-mails': z
    .enum(['right', 'none', 'two', 'early', 'mean', 'everybody'])
    .default('right')
    .describe('who is written to after 30 days without use, how often, and with which discount'),
  'route-wrong': count.describe('1 AI request in N goes to another model than the right one'),
  'cost-alert-off': flag.describe('nobody hears that most of the budget of a month is spent'),
  'never-optimise': flag.describe('the models stay the same whatever they cost'),
  'move-share': z.coerce
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('share of the GPT-4o traffic that moves to save cost'),
});

export type Settings = z.output<typeof settingsSchema>;
export type SettingName = keyof Settings;

export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** Parses `name=value` pairs on top of what is set already. @throws SettingsError that names the pair and the rule */
export function parseSettings(
  pairs: readonly string[],
  base: Record<string, string> = {},
): Record<string, string> {
  const raw = { ...base };
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) throw new SettingsError(`testbed: --set ${pair}: write name=value`);
    const name = pair.slice(0, at);
    if (!Object.hasOwn(settingsSchema.shape, name)) {
      throw new SettingsError(`testbed: --set ${pair}: there is no setting "${name}"; ${meant(name)}`);
    }
    raw[name] = pair.slice(at + 1);
  }
  const parsed = settingsSchema.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = String(issue?.path[0]);
    throw new SettingsError(`testbed: --set ${name}=${raw[name]}: ${issue?.message}`);
  }
  return raw;
}

function meant(name: string): string {
  const names = Object.keys(settingsSchema.shape);
  const nearest = closest(name, names);
  const isClose = distance(name, nearest) <= Math.max(1, name.length / 3);
  return isClose ? `did you mean "${nearest}"?` : `there are ${names.join(', ')}`;
}

export function writeSettings(path: string, raw: Record<string, string>): void {
  writeAtomically(path, `${JSON.stringify(raw, null, 2)}\n`);
}

export function readRawSettings(path: string): Record<string, string> {
  return readJson<Record<string, string>>(path) ?? {};
}

/** The current settings: `testbed set` takes effect in running services within a quarter of a second. */
export function liveSettings(path: string): WatchedFile<Settings> {
  return watchFile(path, (text) => settingsSchema.parse(text === undefined ? {} : JSON.parse(text)), 250);
}
