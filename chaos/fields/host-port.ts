/** Where tests may send what would otherwise go to a cloud. */
export const LOOPBACK_URL = /^https?:\/\/(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|\[::1\]):\d{1,5}\/?$/;

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:9000` or `[::1]:9000`, as the schema has already checked it. */
export function parseHostPort(text: string): HostPort {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
}

export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Ports on different loopback addresses do not collide; the address counts, except that localhost is 127.0.0.1. */
export function samePort(address: string): string {
  return address.replace(/^localhost:/, '127.0.0.1:');
}
