/**
 * The variables of the caller's shell that k6 gets; it gets no others. A leftover K6_VUS or K6_OUT would replace the load of the drill,
 * and K6_INCLUDE_SYSTEM_ENV_VARS=false would hide the drill's `vars` from the script.
 */
const PASSED_ON = new Set([
  // The basics: programs, home, temporary files, language, time zone.
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'TMPDIR',
  'TZ',
  'LANG',
  'LC_ALL',
  // Proxies (Go reads both spellings) and trusted certificates.
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  // Settings of the Go runtime.
  'GOGC',
  'GOMAXPROCS',
  'GOMEMLIMIT',
  'GODEBUG',
  'GOTRACEBACK',
  // The cluster, for scripts of a k6 with xk6-disruptor.
  'KUBECONFIG',
  'KUBERNETES_SERVICE_HOST',
  'KUBERNETES_SERVICE_PORT',
  // A mark with which tests find processes that were left running.
  'SQUALL_TRIAL',
]);

/** The same for `k6 inspect` and `k6 run`, so that what is planned is what is run. */
const OF_SQUALL = {
  K6_CSV_TIME_FORMAT: 'unix_nano',
  // Live readings must be less than 2 s old, and the default of 1 s would use up half of that.
  K6_CSV_SAVE_INTERVAL: '250ms',
  // Otherwise k6 may run as a child of k6 that receives no signals.
  K6_AUTO_EXTENSION_RESOLUTION: 'false',
  K6_WEB_DASHBOARD: 'false',
  // A script's own thresholds count, and k6 ends when its work is done, whatever the script's options say.
  K6_NO_THRESHOLDS: 'false',
  K6_LINGER: 'false',
  K6_PAUSED: 'false',
  // Tells squall's scenarios that their settings have been checked.
  SQUALL_DRILL: '1',
};

/**
 * Writing samples produces garbage, and collecting it takes CPU time from sending requests. Collecting half as often takes 50 % more
 * memory and wins back most of the speed. A GOGC of the caller takes precedence.
 */
const CALMER_COLLECTOR = { GOGC: '200' };

/** For `k6 run`: its own dashboard at this port, for this machine only, and nothing that opens a browser or writes a file. */
export function k6Dashboard(port: number): NodeJS.ProcessEnv {
  return {
    K6_WEB_DASHBOARD: 'true',
    K6_WEB_DASHBOARD_HOST: '127.0.0.1',
    K6_WEB_DASHBOARD_PORT: String(port),
    K6_WEB_DASHBOARD_PERIOD: '2s',
    K6_WEB_DASHBOARD_OPEN: 'false',
    K6_WEB_DASHBOARD_EXPORT: '',
  };
}

type Variables = Readonly<Record<string, string>>;

/**
 * The complete environment of the k6 process, including the drill's `vars`. They are not passed with `-e`, because all users of the
 * machine can read the arguments of a process, and `vars` may be secret. k6 treats both alike: even `-e K6_VUS=3` sets the option.
 */
export function k6Environment(vars: Variables, caller: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const passedOn = Object.entries(caller).filter(([name]) => PASSED_ON.has(name));
  return { ...CALMER_COLLECTOR, ...Object.fromEntries(passedOn), ...vars, ...OF_SQUALL };
}

/** Makes that environment visible to the script, whatever K6_INCLUDE_SYSTEM_ENV_VARS says. `k6 inspect` hides it by default. */
export const WITH_VARIABLES = '--include-system-env-vars';

/** Names of the k6 options in the caller's shell, which k6 does not get. K6_BIN is meant for squall. */
export function notPassedOn(caller: NodeJS.ProcessEnv): string[] {
  return Object.keys(caller)
    .filter((name) => name.startsWith('K6_') && name !== 'K6_BIN')
    .sort();
}

/** What squall sets for any k6, wherever it runs. */
export const K6_SETTINGS: Readonly<Record<string, string>> = { ...CALMER_COLLECTOR, ...OF_SQUALL };
