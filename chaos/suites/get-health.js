// One GET after the other at a constant rate, whatever the target does: BASE_URL, RATE (requests a second), DURATION.
import { check } from 'k6';
import http from 'k6/http';

const rate = Number(__ENV.RATE || 300);

export const options = {
  scenarios: {
    health: {
      executor: 'constant-arrival-rate',
      rate,
      timeUnit: '1s',
      duration: __ENV.DURATION || '30s',
      preAllocatedVUs: Math.max(10, Math.ceil(rate / 5)),
      maxVUs: Math.max(50, rate),
    },
  },
};

export default function () {
  const response = http.get(`${__ENV.BASE_URL}/health`, { tags: { name: 'GET /health' }, timeout: '10s' });
  check(response, { 'it is well': ({ status }) => status === 200 });
}
