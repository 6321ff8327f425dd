import { expect, it } from 'vitest';
import { componentOf, makeRequest } from './fixtures/requests.ts';
import { neededAccess } from './permissions.ts';

function needed(fault: Record<string, unknown>, farNamespace?: string): readonly string[] {
  const request = makeRequest(fault);
  const component = componentOf(request);
  const to = { ...component.to, namespace: farNamespace };
  const access = neededAccess(
    request.fault,
    farNamespace === undefined ? component : ({ ...component, to } as typeof component),
  );
  return access.map(({ namespace, group, resource, verb }) => `${namespace}: ${verb} ${resource}.${group}`);
}

const cut = { kind: 'partition', component: 'link', for: '10s' };

it("a link into another namespace takes rights there: Chaos Mesh's webhook asks for them, and so does the undo", () => {
  expect(needed(cut, 'studio').filter((access) => access.startsWith('studio'))).toEqual([
    'studio: list pods.',
    'studio: create networkchaos.chaos-mesh.org',
    'studio: list podnetworkchaos.chaos-mesh.org',
    'studio: patch podnetworkchaos.chaos-mesh.org',
  ]);
  expect(needed(cut, 'studio').filter((access) => access.startsWith('lab'))).toEqual(needed(cut));
});

it('a far end in the namespace of the component needs no further rights, and nothing is asked twice', () => {
  expect(needed(cut, 'lab')).toEqual(needed(cut));
  expect([...new Set(needed(cut))]).toEqual(needed(cut));
});
