/**
 * What k6 gets to see of the shell that squall was started from: these variables and no others. A K6_VUS or K6_OUT that was left there by
 * something else would replace the load of the drill, and K6_INCLUDE_SYSTEM_ENV_VARS=false would keep its `vars` from the script.
 */
const PASSED_ON = new Set([
  // To start, and to find a home, a temporary directory, a language and the time.
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'TMPDIR',
  'TZ',
  'LANG',
  'LC_ALL',
  // The way to the target, and whom to trust there. Go reads proxies in both cases.
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  // How Go uses the machine.
  'GOGC',
  'GOMAXPROCS',
  'GOMEMLIMIT',
  'GODEBUG',
  'GOTRACEBACK',
  // The cluster, for scripts of a k6 with xk6-disruptor.
  'KUBECONFIG',
  'KUBERNETES_SERVICE_HOST',
  'KUBERNETES_SERVICE_PORT',
  // What marks the processes of one trial: tests find by it whatever was left running, k6 among it.
  'SQUALL_TRIAL',
]);

/** The same for `k6 inspect` and `k6 run`, so that what is planned is what is run. */
const OF_SQUALL = {
  K6_CSV_TIME_FORMAT: 'unix_nano',
  // What steers the run shall be fresh: the default of one second is most of the two that are allowed.
  K6_CSV_SAVE_INTERVAL: '250ms',
  // Otherwise k6 may start a child of its own to which it passes no signals.
  K6_AUTO_EXTENSION_RESOLUTION: 'false',
  K6_WEB_DASHBOARD: 'false',
  // Thresholds that a script sets itself count, and k6 ends when its work is done, whatever the script's options say.
  K6_NO_THRESHOLDS: 'false',
  K6_LINGER: 'false',
  K6_PAUSED: 'false',
};

/**
 * Writing samples makes garbage, and k6 collects it on the processors that also send requests. Half as often costs it half as much of
 * its memory again, and gives back most of the speed. Whoever has set GOGC knows better.
 */
const CALMER_COLLECTOR = { GOGC: '200' };

type Variables = Readonly<Record<string, string>>;

/**
 * The whole environment of k6's process, the variables of the drill among it. They do not go by `-e`: every user of the machine can read
 * arguments, and `vars` may hold secrets. k6 takes both the same way, K6_VUS for an option, too.
 */
export function k6Environment(vars: Variables, caller: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const passedOn = Object.entries(caller).filter(([name]) => PASSED_ON.has(name));
  return { ...CALMER_COLLECTOR, ...Object.fromEntries(passedOn), ...vars, ...OF_SQUALL };
}

/** Hands that environment to the script, whatever K6_INCLUDE_SYSTEM_ENV_VARS says; without it `k6 inspect` would not see `vars`. */
export const WITH_VARIABLES = '--include-system-env-vars';

/** What the shell says to k6 and k6 does not get to hear, by name. K6_BIN is said to squall. */
export function notPassedOn(caller: NodeJS.ProcessEnv): string[] {
  return Object.keys(caller)
    .filter((name) => name.startsWith('K6_') && name !== 'K6_BIN')
    .sort();
}
