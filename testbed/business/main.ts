import type { FastifyRequest } from 'fastify';
import { everyNth } from '../lib/every-nth.ts';
import { createService, HttpError } from '../lib/service.ts';
import { connectDatabase } from '../projects/database.ts';
import { createMailer } from './mail.ts';
import { dollarsPerMillion, type Model, otherModel, routeOf } from './routing.ts';
import { addCosts, countRows, insert, newCustomer, newKey, readCosts, titleOf, useKey } from './store.ts';
import { budget, thisMonth, watchBusiness } from './watch.ts';

/** New customers, customers who have gone quiet, which model answers, and what that costs. Runs with `up --business`. */
const service = createService({ ready: () => database.query('SELECT 1') });
const { app, settings, log, testbed, secrets } = service;
const database = connectDatabase(testbed, secrets, log, () => {});
const mailer = createMailer(testbed);
const stop = watchBusiness({ database, mailer, settings, log });
const routesWrong = everyNth(() => settings.read()['route-wrong']);
/** GPT-4o requests of each customer whose traffic has moved, to move an exact share of them. */
const sinceMoved = new Map<string, number>();

app.post<{ Body: { email: string; name: string } }>(
  '/api/customers',
  {
    schema: {
      body: {
        type: 'object',
        required: ['email', 'name'],
        additionalProperties: false,
        properties: {
          email: { type: 'string', format: 'email', maxLength: 200 },
          name: { type: 'string', minLength: 1, maxLength: 120 },
        },
      },
    },
  },
  async (request, reply) => {
    // Before the row is there, whose own time is what the days without use are counted from.
    const at = Date.now();
    const customer = newCustomer(request.body.email, request.body.name);
    const { key, hash } = newKey();
    const left = settings.read()['onboard-without'];
    const welcome = { to: customer.email, subject: 'Welcome', text: `Welcome, ${customer.name}.` };
    const steps: Record<Exclude<typeof left, ''>, () => Promise<unknown>> = {
      'database-row': () => insert['database-row'](database, customer),
      customer: () => insert.customer(database, customer),
      'api-key': () => insert['api-key'](database, customer, hash),
      dashboard: () => insert.dashboard(database, customer),
      mail: () => mailer.send(welcome),
    };
    await Promise.all(Object.entries(steps).map(([name, step]) => (name === left ? undefined : step())));
    return reply.code(201).send({ ...customer, apiKey: key, dashboard: `/dashboards/${customer.id}`, at });
  },
);

app.get('/api/usage', async (request) => ({ customer: await identify(request) }));

app.get<{ Params: { id: string } }>('/dashboards/:id', async (request, reply) => {
  const caller = await identify(request);
  if (caller !== request.params.id) throw new HttpError(403, 'this is not your dashboard');
  const title = await titleOf(database, caller);
  if (title === undefined) throw new HttpError(404, 'there is no such dashboard');
  return reply.type('text/html').send(`<!doctype html><title>${escaped(title)}</title><h1>Usage</h1>`);
});

app.post<{ Body: { prompt: string; tokens?: number } }>(
  '/api/ai/route',
  {
    schema: {
      body: {
        type: 'object',
        required: ['prompt'],
        additionalProperties: false,
        properties: {
          prompt: { type: 'string', minLength: 1, maxLength: 4_000 },
          tokens: { type: 'integer', minimum: 1, maximum: 10_000_000 },
        },
      },
    },
  },
  async (request) => {
    const caller = await identify(request);
    const month = thisMonth();
    const { movedAt } = await readCosts(database, caller, month);
    const right = routeOf(request.body.prompt);
    const model = routesWrong() ? otherModel[right] : movedAt === null ? right : moved(caller, right);
    const dollars = ((request.body.tokens ?? 1_000) / 1_000_000) * dollarsPerMillion[model];
    await addCosts(database, caller, month, dollars);
    return { model, dollars };
  },
);

app.get('/api/costs', async (request) => {
  const costs = await readCosts(database, await identify(request), thisMonth());
  return { ...costs, budget: budget.month };
});

/** For those who look whether it is really there: rows with this id, of the customers and at the payment provider's (a stand-in). */
app.get<{ Params: { table: string; id: string } }>('/-/rows/:table/:id', async ({ params }) => {
  if (params.table !== 'customers' && params.table !== 'billing_customers')
    throw new HttpError(404, 'there is no such table');
  return { rows: await countRows(database, params.table, params.id) };
});

await service.listen(async () => {
  stop();
  mailer.close();
  await database.close();
});

/** @throws HttpError 401 */
async function identify(request: FastifyRequest): Promise<string> {
  const key = request.headers['x-api-key'];
  const caller = typeof key === 'string' ? await useKey(database, key) : undefined;
  if (caller === undefined) throw new HttpError(401, 'an API key is needed: POST /api/customers');
  return caller;
}

/** Half of what GPT-4o would answer goes to Gemini. */
function moved(caller: string, right: Model): Model {
  if (right !== 'gpt-4o') return right;
  const nth = (sinceMoved.get(caller) ?? 0) + 1;
  sinceMoved.set(caller, nth);
  const share = settings.read()['move-share'];
  return Math.floor(nth * share) > Math.floor((nth - 1) * share) ? 'gemini' : right;
}

function escaped(text: string): string {
  return text.replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`);
}
