import { expect, test } from 'vitest';
import { k6OperatorLoad } from './load.ts';

const messageFor = (image: string) =>
  k6OperatorLoad
    .safeParse({ runner: 'k6-operator', namespace: 'load', parallelism: 2, image })
    .error?.issues.map(({ message }) => message)
    .join() ?? 'taken';

test.each([
  'grafana/k6:1.8.1',
  'k6:1',
  'Registry.example.com:5000/load/k6_extended.x:v1',
  'localhost/k6:1',
  `ghcr.io/a-b/k6@sha256:${'0'.repeat(64)}`,
  `ghcr.io/a/k6:1.8.1@sha256:${'0'.repeat(64)}`,
])('the image %s is taken', (image) => {
  expect(messageFor(image)).toBe('taken');
});

test.each([
  ['grafana/k6', /with its version/],
  ['grafana/k6:latest', /`latest` is not a version/],
  ['Grafana/k6:1.8.1', /in which all but the host is in lower case; write for example/],
  ['registry.example.com/Load/k6:1.8.1', /lower case/],
  ['registry.example.com//k6:1.8.1', /no image can have this name/],
])('no cluster is asked for %s', (image, message) => {
  expect(messageFor(image)).toMatch(message);
});
