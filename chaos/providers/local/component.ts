import { z } from 'zod';
import { message } from '../../fields/message.ts';
import { distinct, hostPort } from '../../fields/names.ts';

const HERE = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|\[::1\]|10\.\d{1,3}\.\d{1,3}\.\d{1,3})$/;
const onThisMachine = 'write host:port on this machine, for example 127.0.0.1:9001';
export const localAddress = hostPort(HERE, onThisMachine);
const listen = hostPort(HERE, onThisMachine, 0);
const pidFile = z.string().min(1).max(1_024).describe('relative to this file');
const noTwice = (what: string) => message(`two have the same ${what}`, 'give each its own');

export const processComponent = z
  .strictObject({
    pidFile: pidFile.optional(),
    pidFiles: z.array(pidFile).min(1).max(100).refine(distinct, noTwice('file')).optional(),
  })
  .refine(
    (p) => (p.pidFile === undefined) !== (p.pidFiles === undefined),
    message('a process is known by its pid files', 'say either pidFile or pidFiles'),
  );

export const linkComponent = z
  .strictObject({
    listen,
    upstream: localAddress,
    announce: z
      .string()
      .min(1)
      .max(1_024)
      .optional()
      .describe('a file with the address of the link, there while squall carries it'),
  })
  .refine((link) => link.listen !== link.upstream, {
    error: message('a link cannot listen where its upstream is', 'give `listen` a port of its own'),
    path: ['listen'],
  })
  .refine((link) => !link.listen.endsWith(':0') || link.announce !== undefined, {
    error: message(
      'with port 0 nobody knows where the link listens',
      'write a port, or add `announce: <file>`',
    ),
    path: ['listen'],
  });

export const postgresComponent = z.strictObject({
  nodes: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(100),
        url: z
          .string()
          .regex(
            /^(postgres(ql)?:\/\/|\$\{env:)\S{1,2000}$/,
            message('must be a postgres URL', 'write for example postgres://user@127.0.0.1:5432/db'),
          ),
        pidFile,
      }),
    )
    .min(2)
    .max(10)
    .refine((nodes) => distinct(nodes.map((n) => n.name)), noTwice('name'))
    .refine((nodes) => distinct(nodes.map((n) => n.pidFile)), noTwice('pidFile')),
});

export const redisComponent = z.strictObject({
  master: z.string().min(1).max(100).describe('its name in the sentinels'),
  sentinels: z.array(localAddress).min(1).max(15).refine(distinct, noTwice('address')),
  nodes: z
    .array(z.strictObject({ address: localAddress, pidFile }))
    .min(2)
    .max(10)
    .refine((nodes) => distinct(nodes.map((n) => n.address)), noTwice('address'))
    .refine((nodes) => distinct(nodes.map((n) => n.pidFile)), noTwice('pidFile')),
});

const provider = z.literal('local');
const forms = ['process', 'link', 'postgres', 'redis'] as const;
export type LocalForm = (typeof forms)[number];

/** Exactly one of the forms. */
export const localComponent = z
  .strictObject({
    provider,
    process: processComponent.optional(),
    link: linkComponent.optional(),
    postgres: postgresComponent.optional(),
    redis: redisComponent.optional(),
  })
  .refine(
    (c) => forms.filter((form) => c[form] !== undefined).length === 1,
    message('a local component is exactly one thing', 'say one of process, link, postgres, redis'),
  );
export type LocalComponent = z.output<typeof localComponent>;

/** Which of the forms it is; undefined when nothing in it can be hit. */
export function formOf(component: LocalComponent): LocalForm | undefined {
  return forms.find((form) => component[form] !== undefined);
}

export function pidFilesOf({ process: form }: LocalComponent): readonly string[] {
  return form?.pidFiles ?? (form?.pidFile === undefined ? [] : [form.pidFile]);
}
