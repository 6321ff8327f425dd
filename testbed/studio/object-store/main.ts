import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { everyNth } from '../../lib/every-nth.ts';
import { createService } from '../../lib/service.ts';
import { paths } from '../../lib/testbed.ts';
import { refusalOf } from './signature.ts';

/**
 * A stand-in for S3: objects are put, read and deleted below `/bucket/key`, in files of this directory. Every request needs a signature.
 * A real server that starts as fast and runs on each machine that the testbed runs on was not to be had.
 */
const service = createService({ ready: () => true, bodyLimit: 32_000_000 });
const { app, settings, secrets } = service;
const folder = paths(service.testbed.dir).objects;
const forgetsNow = everyNth(() => settings.read()['store-forgets']);
const cutsNow = everyNth(() => settings.read()['store-cuts']);
const keys = secrets.objectStore;
if (keys === undefined) throw new Error('object-store: secrets.json has no keys for it');

app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body));

app.route<{ Params: { bucket: string; '*': string } }>({
  method: ['GET', 'PUT', 'DELETE'],
  url: '/:bucket/*',
  handler: async (request, reply) => {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const refusal = await refusalOf({ ...signedParts(request), body }, keys);
    if (refusal !== null && !settings.read()['store-unsigned']) return fail(reply, 403, refusal);
    const { bucket, '*': key } = request.params;
    const file = fileFor(bucket, key);
    if (file === null) return fail(reply, 400, 'InvalidURI');
    if (request.method === 'PUT') {
      if (!forgetsNow()) store(file, cutsNow() ? body.subarray(0, body.length / 2) : body);
      return reply.header('etag', etagOf(body)).send();
    }
    if (request.method === 'DELETE') {
      rmSync(file, { force: true });
      return reply.code(204).send();
    }
    const found = read(file);
    if (found === undefined) return fail(reply, 404, 'NoSuchKey');
    return reply.header('etag', etagOf(found)).type('application/octet-stream').send(found);
  },
});

await service.listen();

function signedParts({ method, url, headers }: FastifyRequest) {
  return { method, url, headers };
}

/** Null for a name that could lead out of the folder. */
function fileFor(bucket: string, key: string): string | null {
  const names = [bucket, ...key.split('/')];
  return names.every((name) => /^\w[\w.-]*$/.test(name)) ? path.join(folder, ...names) : null;
}

/** Whole or not at all, so that a store that is killed has no half objects. */
function store(file: string, body: Buffer): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, body, { flush: true });
  renameSync(temporary, file);
}

function read(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

function etagOf(body: Buffer): string {
  return `"${createHash('md5').update(body).digest('hex')}"`;
}

/** As S3 says it. */
function fail(reply: FastifyReply, status: number, code: string): FastifyReply {
  return reply
    .code(status)
    .type('application/xml')
    .send(`<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code></Error>`);
}
