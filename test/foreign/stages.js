// A team's first load test: stages of users, groups, checks, think time, thresholds and a summary of its own.
import { check, group, sleep } from 'k6';
import http from 'k6/http';
import { Rate, Trend } from 'k6/metrics';

export const options = {
  stages: [
    { duration: '1s', target: 10 },
    { duration: '5s', target: 10 },
    { duration: '500ms', target: 0 },
  ],
  thresholds: {
    http_req_duration: ['p(95)<5000'],
    'page_time{page:home}': ['avg<5000'],
    good_pages: ['rate>0.1'],
  },
  summaryTrendStats: ['avg', 'p(95)'],
  userAgent: 'shop-tests/1.0',
  discardResponseBodies: false,
};

const pageTime = new Trend('page_time', true);
const goodPages = new Rate('good_pages');

export default function () {
  group('home', () => {
    const answers = http.batch([
      ['GET', `${__ENV.BASE_URL}/`],
      ['GET', `${__ENV.BASE_URL}/style.css`, null, { tags: { kind: 'asset' } }],
    ]);
    pageTime.add(answers[0].timings.duration, { page: 'home' });
    goodPages.add(
      check(answers[0], {
        'status is 200': (r) => r.status === 200,
        'says ok': (r) => r.body?.includes('ok'),
      }),
    );
  });
  group('basket', () => {
    http.post(`${__ENV.BASE_URL}/basket`, JSON.stringify({ item: 1 }), {
      headers: { 'Content-Type': 'application/json' },
    });
  });
  sleep(0.1);
}

export function handleSummary(data) {
  return { stdout: `\n${Object.keys(data.metrics).length} metrics, done.\n` };
}
