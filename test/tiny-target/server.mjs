/**
 * The smallest target worth attacking: answers GET with 200, stores writes (POST with an Idempotency-Key) in a file, and counts how
 * often an id is in it (POST /lookup). Writes that it was told to forget are in <store>.forgotten. Plain JavaScript, because tests
 * start it as a process: <port> <store>.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [port = '0', store = ''] = process.argv.slice(2);
const forgetEvery = Number(process.env.FORGET_EVERY ?? 0);
let writes = 0;

createServer(async (request, response) => {
  const body = await read(request);
  if (request.method === 'POST' && request.url === '/lookup')
    return response.end(JSON.stringify({ counts: count(body) }));
  if (request.method === 'POST') {
    writes += 1;
    const forget = forgetEvery > 0 && writes % forgetEvery === 0;
    appendFileSync(forget ? `${store}.forgotten` : store, `${request.headers['idempotency-key']}\n`);
    return response.writeHead(201).end('{}');
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"ok"}');
  // Whoever started it may be gone by then.
}).listen(Number(port), '127.0.0.1', () => process.send(process.pid, () => {}));

async function read(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

function count(body) {
  const present = new Map();
  for (const id of readFileSync(store, 'utf8').split('\n')) present.set(id, (present.get(id) ?? 0) + 1);
  return Object.fromEntries(JSON.parse(body).ids.map((id) => [id, present.get(id) ?? 0]));
}

// Ends with its supervisor, however that ends.
process.on('disconnect', () => process.exit(0));
