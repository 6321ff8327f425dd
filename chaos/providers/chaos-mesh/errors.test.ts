import { expect, it } from 'vitest';
import { explain } from '../../kubernetes/errors.ts';
import { caller } from './errors.ts';

const answer = (message: string) => ({ code: 403, body: { message } });
const create = (message: string) =>
  explain(answer(message), 'create the NetworkChaos x in lab', 'https://a.test', caller);

it.each(['namespace studio', 'cluster'])(
  "what Chaos Mesh's webhook forbids on a %s is a right that is missing, not a wrong param",
  (where) => {
    const denied = `admission webhook "vauth.kb.io" denied the request: system:serviceaccount:lab:squall is forbidden on ${where}`;
    const error = create(denied);
    expect(error.message).toContain(denied);
    expect(error.fix).toMatch(/`create`.*rbac\.yaml/);
    expect(error.fix).not.toMatch(/params/);
  },
);

it('what its other webhooks deny is a wrong param', () => {
  const denied = 'admission webhook "vnetworkchaos.kb.io" denied the request: spec.value: Invalid value: ""';
  expect(create(denied).fix).toMatch(/correct the params/);
});
