import { ProviderError } from '../../../../prepared-fault.ts';
import { identify, isAlive } from '../../../../process-identity.ts';
import type { Found } from '../finder.ts';
import { beganAt } from '../process-facts.ts';
import { askServer, whyNot } from './ask-server.ts';
import { type SupervisorServer, serversOf } from './supervisor-server.ts';

const BAD_NAME = '10';

/** The process of a program that supervisord keeps, asked on its XML-RPC interface. @throws ProviderError when it cannot be asked */
export async function findInSupervisor(
  { program, server }: { readonly program: string; readonly server?: string | undefined },
  signal: AbortSignal,
): Promise<Found> {
  const found = serversOf(server);
  const answer = await call(found, 'supervisor.getProcessInfo', [program], signal);
  if (memberOf(answer, 'faultCode') === BAD_NAME) {
    const all = await call(found, 'supervisor.getAllProcessInfo', [], signal);
    return { missing: `supervisor has no program ${program}; it has: ${namesIn(all).join(', ') || 'none'}` };
  }
  const state = memberOf(answer, 'statename');
  if (state === undefined) throw cannotAsk(found, memberOf(answer, 'faultString') ?? 'it is no supervisord');
  const pid = Number(memberOf(answer, 'pid'));
  const process = identify(pid);
  if (process !== null && beganAt(pid, startIn(answer))) return { process };
  if (process !== null && isAlive(process)) {
    throw new ProviderError(
      `the process of supervisor program ${program} (pid ${pid} there) is not on this machine, where pid ${pid} began at another time`,
      {
        fix: 'run squall where supervisord runs, outside of other containers and of virtual machines; if it does, the clock was set since: restart the program',
      },
    );
  }
  const why = memberOf(answer, 'spawnerr') || memberOf(answer, 'description');
  return { missing: `supervisor program ${program} is ${state}${why ? ` (${why})` : ''}` };
}

/** By supervisord's own clock, in whole seconds; how long ago is the same by every clock. */
function startIn(answer: string): number {
  const [start, now] = [Number(memberOf(answer, 'start')), Number(memberOf(answer, 'now'))];
  return Date.now() - (now - start) * 1000;
}

/** Its name in its group where the two differ, as `supervisorctl` writes it. */
function namesIn(answer: string): string[] {
  return answer
    .split('<struct>')
    .slice(1)
    .map((one) => {
      const [group = '', name = ''] = [memberOf(one, 'group'), memberOf(one, 'name')];
      return group === name ? name : `${group}:${name}`;
    });
}

async function call(
  { server, auth }: SupervisorServer,
  method: string,
  texts: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const params = texts.map((text) => `<param><value><string>${escaped(text)}</string></value></param>`);
  const body = `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${params.join('')}</params></methodCall>`;
  const { status, text } = await askServer(
    { server, method: 'POST', path: '/RPC2', body, auth },
    signal,
  ).catch((error: unknown) => {
    signal.throwIfAborted();
    throw cannotAsk({ server }, whyNot(error));
  });
  if (status === 401) throw cannotAsk({ server }, 'it wants another user name and password');
  if (status !== 200) throw cannotAsk({ server }, `it answers with the status ${status}`);
  return text;
}

/** Values are strings, numbers or i4 here, all of them flat. */
function memberOf(xml: string, name: string): string | undefined {
  const found = new RegExp(
    `<member>\\s*<name>${name}</name>\\s*<value>\\s*(?:<(?:string|int|i4)>([^<]*)</|<(?:string|int|i4)/>|([^<]*)</)`,
  ).exec(xml);
  return found === null ? undefined : unescaped(found[1] ?? found[2] ?? '');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

function cannotAsk({ server }: Pick<SupervisorServer, 'server'>, why: string): ProviderError {
  return new ProviderError(`supervisord at ${server} cannot be asked: ${why}`, {
    fix: 'start it, or say where it is: `server: unix:///run/supervisor.sock` beside `supervisor`',
  });
}
