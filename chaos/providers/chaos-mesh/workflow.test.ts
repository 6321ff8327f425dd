import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { drill as drillSchema } from '../../schema/drill.ts';
import { makeEnvironment } from './fixtures/requests.ts';
import { exportWorkflow } from './workflow.ts';

const makeDrill = (faults: unknown[]) =>
  drillSchema.parse({
    name: 'two-faults',
    load: [{ scenario: 'spike' }],
    faults,
    objectives: [{ name: 'few-errors', errors: true, below: '1%' }],
  });
const environment = makeEnvironment('lab');

it('each fault waits for its time and ends after it, beside the others', () => {
  const drill = makeDrill([
    { name: 'gone', kind: 'kill', component: 'pods', at: '0s' },
    { name: 'cut', kind: 'partition', component: 'link', at: '20s', for: '10s' },
  ]);
  const workflow = parse(exportWorkflow({ drill, environment }));
  const templates = Object.fromEntries(workflow.spec.templates.map((t: { name: string }) => [t.name, t]));
  expect(templates.faults).toMatchObject({
    templateType: 'Parallel',
    children: ['gone-branch', 'cut-branch'],
  });
  expect(templates['gone-branch'].children).toEqual(['gone']);
  expect(templates['cut-branch'].children).toEqual(['cut-wait', 'cut']);
  expect(templates['cut-wait']).toMatchObject({ templateType: 'Suspend', deadline: '20000ms' });
  expect(templates.cut).toMatchObject({ templateType: 'NetworkChaos', deadline: '10000ms' });
  expect(templates.gone.podChaos).toMatchObject({ action: 'pod-kill', mode: 'fixed', value: '1' });
  const running = { podPhaseSelectors: ['Running'] };
  expect(templates.gone.podChaos.selector).toMatchObject(running);
  expect(templates.cut.networkChaos).toMatchObject({ selector: running, target: { selector: running } });
});

it('what Chaos Mesh cannot do is refused', () => {
  const drill = makeDrill([{ name: 'over', kind: 'failover', component: 'pods', at: '1s' }]);
  expect(() => exportWorkflow({ drill, environment })).toThrow(/has no failover/);
  expect(() => exportWorkflow({ drill: makeDrill([]), environment })).toThrow(/no faults/);
  const nameless = makeDrill([{ name: 'over', kind: 'container-kill', component: 'pods', at: '1s' }]);
  expect(() => exportWorkflow({ drill: nameless, environment })).toThrow(/which container/);
});
