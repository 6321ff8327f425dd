/**
 * A target of another shape: HTTPS with a certificate of one's own, nothing but HTTP/2, a first byte that is late, and answers in pieces.
 * Plain JavaScript, because tests start it as a process: <port> <folder of key.pem and cert.pem>.
 */
import { readFileSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import path from 'node:path';

const [port = '0', folder = ''] = process.argv.slice(2);
const pem = (name) => readFileSync(path.join(folder, name));

createSecureServer({ key: pem('key.pem'), cert: pem('cert.pem') }, (request, response) => {
  request.resume();
  response.writeHead(request.url === '/' ? 200 : 404, { 'content-type': 'application/json' });
  setTimeout(() => response.write('{"status":'), 60);
  setTimeout(() => response.end('"ok"}'), 80);
}).listen(Number(port), '127.0.0.1', () => process.send?.('listening'));

// Ends with the test, however that ends.
process.on('disconnect', () => process.exit(0));
