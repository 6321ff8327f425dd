import type { Params } from 'k6/http';
import { textFrom, urlFrom } from '../runtime/env.ts';
import { fieldsOf } from '../runtime/fields.ts';
import { exec, http } from '../runtime/k6.ts';
import { request } from '../runtime/target.ts';

export const businessUrl = urlFrom('BUSINESS_URL', 'http://127.0.0.1:9086');
const mailboxUrl = urlFrom('MAILBOX_URL', 'http://127.0.0.1:9087');
/** Addresses have to be new in each run, since the mails of older runs may still be there. */
const domain = textFrom('MAIL_DOMAIN', 'load.example');

export interface Customer {
  readonly id: string;
  readonly email: string;
  readonly apiKey: string;
  readonly dashboard: string;
  /** The target's clock, in milliseconds since 1970. */
  readonly at: number;
}

const json = { 'Content-Type': 'application/json' };
const create = { ...request({ name: 'POST /api/customers' }, json), responseType: 'text' } as const;

/** A new customer, or null when the target did not take it. */
export const onboard = (purpose: string): Customer | null => {
  const address = `${purpose}-${Date.now()}-${exec.vu.idInTest}-${random()}@${domain}`;
  const body = JSON.stringify({ email: address, name: `Load ${purpose}` });
  const response = http.post(`${businessUrl}/api/customers`, body, create);
  const { id, email, apiKey, dashboard, at } = fieldsOf(response);
  if (response.status !== 201 || typeof id !== 'string' || typeof apiKey !== 'string') return null;
  return { id, email: String(email), apiKey, dashboard: String(dashboard), at: Number(at) };
};

/** Whether the page is there, and `has` is in it. Without a customer's key it is asked for as anybody. */
export const shows = (path: string, name: string, has: string, apiKey = ''): boolean => {
  const response = http.get(`${businessUrl}${path}`, keyed(name, apiKey));
  return response.status === 200 && String(response.body).includes(has);
};

export interface Mail {
  readonly at: number;
  readonly raw: string;
}

/** All mails to the address that have this subject, or null when the mailbox does not say. */
export const mailsTo = (address: string, subject: string): Mail[] | null => {
  const url = `${mailboxUrl}/mails?to=${encodeURIComponent(address)}`;
  const response = http.get(url, keyed('GET /mails', ''));
  const { mails } = fieldsOf(response);
  if (response.status !== 200 || !Array.isArray(mails)) return null;
  return (mails as { receivedAt: string; raw: string }[])
    .filter(({ raw }) => raw.includes(`Subject: ${subject}`))
    .map(({ receivedAt, raw }) => ({ at: Date.parse(receivedAt), raw }));
};

/** The model that answers, or null. */
export const route = (apiKey: string, prompt: string, tokens: number): string | null => {
  const params = keyed('POST /api/ai/route', apiKey, json);
  const response = http.post(`${businessUrl}/api/ai/route`, JSON.stringify({ prompt, tokens }), params);
  const { model } = fieldsOf(response);
  return response.status === 200 && typeof model === 'string' ? model : null;
};

export interface Costs {
  readonly dollars: number;
  readonly movedAt: unknown;
}

export const costsOf = (apiKey: string): Costs | null => {
  const response = http.get(`${businessUrl}/api/costs`, keyed('GET /api/costs', apiKey));
  const { dollars, movedAt } = fieldsOf(response);
  return response.status === 200 && typeof dollars === 'number' ? { dollars, movedAt } : null;
};

const keyed = (
  name: string,
  apiKey: string,
  headers: Readonly<Record<string, string>> = {},
): Params & { responseType: 'text' } => ({
  ...request({ name }, apiKey === '' ? headers : { ...headers, 'X-Api-Key': apiKey }),
  responseType: 'text',
});

const random = (): string => Math.random().toString(36).slice(2, 8);
