// A grown load test: data from a file, a module of its own, several journeys with their own executors, setup and teardown.
import { fail } from 'k6';
import { SharedArray } from 'k6/data';
import exec from 'k6/execution';
import http from 'k6/http';
import { Counter } from 'k6/metrics';
import { urlOf } from './lib/urls.js';

const users = new SharedArray('users', () => JSON.parse(open('./data/users.json')));
const orders = new Counter('orders');

export const options = {
  scenarios: {
    browse: { executor: 'constant-vus', vus: 5, duration: '6s', exec: 'browse', tags: { journey: 'browse' } },
    order: {
      executor: 'per-vu-iterations',
      vus: 3,
      iterations: 5,
      maxDuration: '6s',
      exec: 'order',
      startTime: '500ms',
    },
    api: {
      executor: 'ramping-arrival-rate',
      startRate: 5,
      timeUnit: '1s',
      preAllocatedVUs: 20,
      exec: 'api',
      stages: [
        { target: 20, duration: '3s' },
        { target: 20, duration: '3s' },
      ],
      env: { API: '1' },
    },
  },
  setupTimeout: '10s',
};

export function setup() {
  const answer = http.post(urlOf('/login'), 'user=a');
  if (answer.status !== 201) fail(`login answered ${answer.status}`);
  return { token: `t-${users.length}` };
}

export function browse({ token }) {
  const user = users[exec.scenario.iterationInTest % users.length];
  http.get(http.url`${__ENV.BASE_URL}/users/${user.name}`, { headers: { Authorization: `Bearer ${token}` } });
  http.get(urlOf(`/search?q=${encodeURIComponent(user.likes)}`), {
    redirects: 0,
    responseCallback: http.expectedStatuses(200, 404),
  });
}

export async function order() {
  const answer = await http.asyncRequest('POST', urlOf('/orders'), '{}');
  if (answer.status === 201) orders.add(1);
}

export function api() {
  http.get(urlOf('/health'), { tags: { name: 'health', api: __ENV.API } });
}

export function teardown({ token }) {
  http.post(urlOf('/logout'), token);
}
