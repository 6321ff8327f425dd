import { UNSAFE } from '../../../chaos/definitions/issues/inert.ts';
import type { Component, PlannedFile } from '../types.ts';
import { type Facts, schemaLine, yamlText } from './facts.ts';

/** `chaos/environments/<name>.yaml`: what the component is here, and what may be done to it. */
export function environmentFile(facts: Facts): PlannedFile {
  const { environment, baseUrl, secrets, component, others, schemas } = facts;
  const folder = 'chaos/environments';
  return {
    file: `${folder}/${environment}.yaml`,
    text: [
      schemaLine(folder, schemas, 'environment'),
      '# What the components of a drill are here, and what may be done to them.',
      `name: ${yamlText(environment)}`,
      'vars:',
      `  BASE_URL: ${yamlText(component?.form === 'link' ? throughLink(baseUrl, component) : baseUrl)}`,
      ...secrets.map(
        (name) => `  ${name}: "\${env:${name}}"   # taken from the shell, and masked in all records`,
      ),
      ...(component === null
        ? [
            '# Nothing here may be hit yet: add `allow` and `components` (docs/environments.md).',
            'components: {}',
          ]
        : [
            `allow: { kinds: [${kindsFor(component).join(', ')}], maxTargets: 1, maxDuration: 1min }`,
            'components:',
            ...componentLines(component),
          ]),
      ...others.map((one) => `  # ${one}`),
      '',
    ].join('\n'),
  };
}

function componentLines(component: Component): string[] {
  const name = yamlText(component.name);
  if (component.form === 'process')
    return [
      `  ${name}: { provider: local, process: { port: ${component.port} } }   # ${inComment(component.who)}`,
      ...(component.kill === null
        ? ['  # `kill` is not allowed: nothing was found that would start it again.']
        : [`  # \`kill\` is allowed: ${inComment(component.kill)} starts it again.`]),
    ];
  return [
    `  # ${inComment(component.why)} The load goes through a link, which squall carries during a drill.`,
    `  ${name}: { provider: local, link: { listen: "${component.listen}", upstream: "${component.upstream}" } }`,
  ];
}

export function kindsFor(component: Component): string[] {
  if (component.form === 'link') return ['partition', 'latency'];
  return component.kill === null ? ['freeze', 'stress'] : ['kill', 'freeze', 'stress'];
}

function throughLink(baseUrl: string, { listen }: { readonly listen: string }): string {
  const url = new URL(baseUrl);
  const port = listen.slice(listen.lastIndexOf(':') + 1);
  return `${url.protocol}//${url.hostname}:${port}${url.pathname.replace(/\/+$/, '')}`;
}

/** Command lines may hold anything: nothing of them may end the comment, or be what a definition refuses. */
export function inComment(text: string): string {
  return text.replace(UNSAFE, ' ').replace(/ +/g, ' ').slice(0, 160);
}
