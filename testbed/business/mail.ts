import { createTransport } from 'nodemailer';
import { hostOf, port, type Testbed } from '../lib/testbed.ts';

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export interface Mailer {
  /** @throws when the server has not taken it */
  send(mail: Mail): Promise<void>;
  close(): void;
}

/** Sends by SMTP, on connections that stay open. */
export function createMailer(testbed: Testbed): Mailer {
  const transport = createTransport({
    pool: true,
    host: hostOf(testbed, 'mailbox-smtp'),
    port: port(testbed, 'mailbox-smtp'),
    secure: false,
    // Both ends are on this machine.
    ignoreTLS: true,
    connectionTimeout: 1_000,
    socketTimeout: 10_000,
  });
  return {
    async send({ to, subject, text }) {
      await transport.sendMail({ from: 'AI DAWG <hello@aidawg.example>', to, subject, text });
    },
    close: () => transport.close(),
  };
}
