import { SMTPServer } from 'smtp-server';
import { createService } from '../../lib/service.ts';
import { listenHost, port } from '../../lib/testbed.ts';

/** Takes every mail by SMTP, delivers none of them, and shows them to whoever wants to see what was sent. */
const service = createService({ ready: () => true });
const { app, testbed, log } = service;

interface Mail {
  /** ISO 8601, of this machine. */
  readonly receivedAt: string;
  readonly to: readonly string[];
  /** Header and text, as it came. */
  readonly raw: string;
}

const maxKept = 5_000;
const mails: Mail[] = [];

const smtp = new SMTPServer({
  disabledCommands: ['AUTH', 'STARTTLS'],
  size: 1_000_000,
  onData(stream, session, done) {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', done);
    stream.on('end', () => {
      mails.push({
        receivedAt: new Date().toISOString(),
        to: session.envelope.rcptTo.map(({ address }) => address),
        raw: Buffer.concat(chunks).toString('utf8'),
      });
      if (mails.length > maxKept) mails.shift();
      done();
    });
  },
});
smtp.on('error', (error) => log.warn({ err: error.message }, 'smtp'));

app.get<{ Querystring: { to: string } }>(
  '/mails',
  {
    schema: {
      querystring: { type: 'object', required: ['to'], properties: { to: { type: 'string' } } },
    },
  },
  async (request) => ({ mails: mails.filter(({ to }) => to.includes(request.query.to)) }),
);

await new Promise<void>((resolve) =>
  smtp.listen(port(testbed, 'mailbox-smtp'), listenHost(testbed), () => resolve()),
);
await service.listen(() => new Promise((resolve) => smtp.close(() => resolve(undefined))));
