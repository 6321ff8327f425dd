import { z } from 'zod';
import { samePort } from '../../fields/host-port.ts';
import { message } from '../../fields/message.ts';
import { distinct, hostPort } from '../../fields/names.ts';
import { secret } from '../../fields/secret.ts';
import type { Finder } from './processes/finder.ts';

const HERE = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|\[::1\]|10\.\d{1,3}\.\d{1,3}\.\d{1,3})$/;
const onThisMachine = 'write host:port on this machine, for example 127.0.0.1:9001';
export const localAddress = hostPort(HERE, onThisMachine);
/** Also where containers of this machine see it, such as 172.17.0.1; only an address of this machine can be listened on. */
const OWN =
  /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|\[::1\]|10\.\d{1,3}\.\d{1,3}\.\d{1,3}|172\.(1[6-9]|2\d|3[01])\.\d{1,3}\.\d{1,3}|192\.168\.\d{1,3}\.\d{1,3})$/;
const listen = hostPort(OWN, onThisMachine, 0);
/** With a port that is known: where Redis listens, or a link once port 0 has become one. */
export const ownAddress = hostPort(OWN, onThisMachine);
const upstream = hostPort(
  /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)$/,
  'write for example 127.0.0.1:9000, db.example.com:5432 or [::1]:9000',
);
const pidFile = z.string().min(1).max(1_024).describe('relative to this file');
const pattern = z
  .string()
  .min(1)
  .max(500)
  .refine(
    isPattern,
    message('is no regular expression', 'put a backslash before ( [ { * + ? that are meant as such'),
  );
const unit = z
  .string()
  .regex(
    /^[A-Za-z0-9:_.\\@][A-Za-z0-9:_.\\@-]{0,255}$/,
    message('is no name of a unit', 'write for example nginx.service'),
  );
const toldName = z
  .string()
  .regex(
    /^[A-Za-z0-9_][\w.:@/-]{0,254}$/,
    message('is no such name', 'write it as its own command line shows it'),
  );
const noTwice = (what: string) => message(`two have the same ${what}`, 'give each its own');

const finders = ['pidFile', 'pidFiles', 'port', 'command', 'systemd', 'supervisor', 'docker'] as const;

export const processComponent = z
  .strictObject({
    pidFile: pidFile.optional(),
    pidFiles: z.array(pidFile).min(1).max(100).refine(distinct, noTwice('file')).optional(),
    port: z.int().min(1).max(65_535).optional().describe('the TCP port that it listens on, on this machine'),
    command: pattern
      .optional()
      .describe('a regular expression for its command line; exactly one process fits'),
    systemd: unit.optional().describe('a service; `manager: user` for one of your own'),
    manager: z.enum(['system', 'user']).optional(),
    supervisor: toldName
      .optional()
      .describe('a program of supervisord, with its group where that differs: group:name'),
    docker: toldName.optional().describe('a container, by name or id'),
    server: z
      .string()
      .regex(
        /^(unix:\/\/\/\S{1,1000}|http:\/\/(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|\[::1\])(:\d{1,5})?)$/,
        message(
          'must be a socket, or a port of this machine',
          'write for example unix:///run/supervisor.sock',
        ),
      )
      .optional()
      .describe('where supervisord or Docker is asked; left out: where its own command line asks'),
    is: pattern
      .optional()
      .describe('a regular expression that its command line must fit, else it is refused'),
  })
  .refine(
    (p) => finders.filter((finder) => p[finder] !== undefined).length === 1,
    message(
      'a process is known by exactly one thing',
      'say one of pidFile, pidFiles, port, command, systemd, supervisor, docker',
    ),
  )
  .refine((p) => p.manager === undefined || p.systemd !== undefined, {
    error: message('belongs to `systemd` alone', 'remove it'),
    path: ['manager'],
  })
  .refine((p) => p.server === undefined || p.supervisor !== undefined || p.docker !== undefined, {
    error: message('belongs to `supervisor` and `docker` alone', 'remove it'),
    path: ['server'],
  });

export const linkComponent = z
  .strictObject({
    listen,
    upstream: upstream.describe('host:port: here, or on another machine'),
    announce: z
      .string()
      .min(1)
      .max(1_024)
      .optional()
      .describe('a file with the address of the link, there while squall carries it'),
  })
  .refine((link) => samePort(link.listen) !== samePort(link.upstream), {
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

const redisLogin = z.strictObject({
  username: z.string().min(1).max(200).optional().describe('left out: the default user'),
  password: secret,
});

export const redisComponent = z.strictObject({
  master: z.string().min(1).max(100).describe('its name in the sentinels'),
  sentinels: z.array(ownAddress).min(1).max(15).refine(distinct, noTwice('address')),
  nodes: z
    .array(z.strictObject({ address: ownAddress, pidFile }))
    .min(2)
    .max(10)
    .refine((nodes) => distinct(nodes.map((n) => n.address)), noTwice('address'))
    .refine((nodes) => distinct(nodes.map((n) => n.pidFile)), noTwice('pidFile')),
  auth: redisLogin.optional().describe('what the nodes ask for'),
  sentinelAuth: redisLogin.optional().describe('what the sentinels ask for'),
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

/** How each of its processes is found. */
export function findersOf({ process: form }: LocalComponent): readonly Finder[] {
  if (form === undefined) return [];
  const { pidFiles, ...rest } = form;
  return pidFiles === undefined ? [rest] : pidFiles.map((pidFile) => ({ ...rest, pidFile }));
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}
