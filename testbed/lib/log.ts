import { type Logger, pino } from 'pino';

/** Lines of JSON to standard output, which the launcher has pointed at the service's file in `log/`. */
export function createLog(name: string): Logger {
  const log = pino(
    { base: { service: name }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 1, sync: true }),
  );
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'uncaught exception');
    process.exit(1);
  });
  process.on('unhandledRejection', (error) => {
    log.fatal({ err: error }, 'unhandled rejection');
    process.exit(1);
  });
  return log;
}

/**
 * Runs `close` once on SIGTERM or SIGINT and exits within a second. Where something else routes the requests (a Service of Kubernetes),
 * some still arrive after the signal: they are served for SQUALL_TESTBED_DRAIN_MS, after a call of `drain`.
 */
export function closeOnSignal(close: () => Promise<unknown>, drain: () => void = () => {}): void {
  const drainMs = Number(process.env.SQUALL_TESTBED_DRAIN_MS ?? 0);
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.once(name, () => {
      drain();
      setTimeout(() => process.exit(0), drainMs + 1_000).unref();
      setTimeout(() => {
        close().then(
          () => process.exit(0),
          () => process.exit(0),
        );
      }, drainMs);
    });
  }
}
