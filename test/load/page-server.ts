import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A page of metrics when it is read for the nth time, from 1; null: a 503. */
export type PageOf = (nth: number) => string | null;

/** Serves a page of metrics, standing in for an exporter that this machine lacks. */
export async function servePage(
  page: PageOf,
): Promise<{ url: string; asked(): number; close(): Promise<void> }> {
  let asked = 0;
  const server = createServer((request, response) => {
    request.resume();
    asked += 1;
    const text = page(asked);
    response.writeHead(text === null ? 503 : 200, { 'content-type': 'text/plain' }).end(text ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`,
    asked: () => asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
