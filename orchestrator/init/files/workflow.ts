import type { PlannedFile } from '../types.ts';
import type { Facts } from './facts.ts';

/** `.github/workflows/squall.yml`: the drill at the push of a button. Nothing is broken on every push before somebody wants that. */
export function workflowFile(
  { start, secrets, environment, baseUrl, component }: Facts,
  drill: string,
): PlannedFile {
  const isKilled = component?.form === 'process' && component.kill !== null;
  const secret = (name: string) => `          ${name}: \${{ secrets.${name} }}`;
  return {
    file: '.github/workflows/squall.yml',
    text: [
      'name: squall',
      'on: { workflow_dispatch: {} }   # add `schedule` or `pull_request` when the drill has passed a few times',
      'jobs:',
      '  drill:',
      '    runs-on: ubuntu-latest',
      '    timeout-minutes: 15',
      '    steps:',
      '      - uses: actions/checkout@v4',
      '      - uses: actions/setup-node@v4',
      '        with: { node-version: 22 }',
      '      - uses: grafana/setup-k6-action@v1',
      '      - run: npm ci   # with squall among the devDependencies',
      ...(start === null
        ? [
            `      # The system has to answer at ${baseUrl}: start it here, or use a runner that reaches it.`,
            ...(isKilled
              ? [
                  '      # The drill kills it: start it under something that starts it again, such as a loop of the shell.',
                ]
              : []),
          ]
        : ['      - name: Start the system', `        run: ${JSON.stringify(start)}`]),
      `      - run: npx --no squall drill ${drill} --env ${environment} --out reports/drill`,
      ...(secrets.length === 0 ? [] : ['        env:', ...secrets.map(secret)]),
      '      - run: cat reports/drill/report.md >> "$GITHUB_STEP_SUMMARY"',
      '        if: always()',
      '      - run: npx --no squall recover   # undoes what a cancelled job left behind',
      '        if: always()',
      '      - uses: actions/upload-artifact@v4',
      '        if: always()',
      '        with: { name: squall, path: reports/drill }',
      '',
    ].join('\n'),
  };
}

/** What squall and npm write in the working directory. */
export function ignoreFile(): PlannedFile {
  return {
    file: '.gitignore',
    append: true,
    text: ['node_modules/', 'reports/', ''].join('\n'),
  };
}
