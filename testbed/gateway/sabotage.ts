import type { FastifyRequest } from 'fastify';
import type { Service } from '../lib/service.ts';

const roundMs = 100;

/** Leaks memory and burns processor time while the switches `gateway-leak-kb` and `burn-cpu` are on. */
export function wasteResources({ app, settings }: Service): void {
  const leaked: Buffer[] = [];
  app.addHook('onRequest', (_, __, done) => {
    const kb = settings.read()['gateway-leak-kb'];
    if (kb > 0) leaked.push(Buffer.alloc(kb * 1_024, 1));
    else leaked.length = 0;
    done();
  });
  setInterval(() => {
    // Processor time, not clock time: on a busy machine the clock runs while nothing is burned.
    const wantedMicros = settings.read()['burn-cpu'] * roundMs * 1_000;
    const from = process.cpuUsage();
    for (let burnt = 0; burnt < wantedMicros; ) {
      const { user, system } = process.cpuUsage(from);
      burnt = user + system;
    }
  }, roundMs).unref();
}

/** Bodies over the limit are acknowledged, unread, while the switch `body-limit-off` is on. */
export function acceptLargeBodies({ app, settings }: Service, limitBytes: number): void {
  app.addHook('onRequest', (request, reply, done) => {
    const isLarge = Number(request.headers['content-length']) > limitBytes;
    if (!isLarge || !settings.read()['body-limit-off']) return done();
    request.raw.resume();
    void reply.code(201).send({ sabotage: 'body-limit-off' });
  });
}

/** The answer of a server that looks the path up in its own file system. The text is made up. */
export function traversed(request: FastifyRequest): string | undefined {
  return /\.\.(\/|%2f)|%2e%2e/i.test(request.url) ? 'root:x:0:0:made-up:/root:/bin/sh\n' : undefined;
}
