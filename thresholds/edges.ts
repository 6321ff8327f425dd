import type { ObjectiveSet } from './objective.ts';

/** The answers to bad or hostile input. One wrong answer breaks a row. */
const row = (name: string) =>
  ({ name, rate: 'edge_kept', where: { row: name }, atLeast: '100%', minSamples: 1 }) as const;

const edges: ObjectiveSet = [
  row('auth.missing-token'),
  row('auth.expired-token'),
  row('auth.tampered-token'),
  row('auth.admin-as-user'),
  row('auth.other-users-project'),
  row('auth.other-users-project.changing'),
  row('auth.other-users-project.deleting'),
  row('auth.login-injection'),
  row('ids.not-guessable'),
  row('answers.no-secrets'),
  row('input.script-in-name'),
  row('input.sql-in-search'),
  row('input.path-traversal'),
  row('input.10MB-json'),
  row('rate-limit'),
];

export default edges;
