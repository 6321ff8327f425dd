import path from 'node:path';
import { wordsIn } from '../../../chaos/definitions/load-requests.ts';
import { RefusalError } from '../../refusal.ts';
import type { ComposeService, Source, SourceOptions } from '../types.ts';
import { composeVariables, filledIn } from './compose-variables.ts';
import { asList, asRecord, asText, type Plain } from './plain.ts';
import { slug } from './slug.ts';
import { parseUrl, pathOf } from './url.ts';

/** Images of databases, caches and queues, which speak no HTTP on the port that they publish. */
const NO_HTTP =
  /postgres|postgis|timescale|mysql|maria|mongo|redis|valkey|memcached|kafka|zookeeper|rabbit|nats|cassandra|mssql|etcd/i;
const LIKELY = /web|front|gateway|proxy|nginx|caddy|traefik|app|api|server/i;

/** The services of a compose file with the ports that they publish; asked is the first that looks like a web service. */
export function fromCompose(file: string, data: Plain, options: SourceOptions): Source {
  const env = composeVariables(file, options.env);
  const profiles = (env.COMPOSE_PROFILES ?? '').split(',').map((one) => one.trim());
  const services = Object.entries(asRecord(data.services)).flatMap(([name, one]) => {
    const { ports, restart, deploy, image, profiles: own } = asRecord(filledIn(one, env));
    const policy = asText(asRecord(asRecord(deploy).restart_policy).condition) ?? asText(restart) ?? 'no';
    // Compose does not start it.
    if (
      asList(own).length > 0 &&
      !asList(own).some((wanted) => profiles.includes(String(wanted)) || profiles.includes('*'))
    )
      return [];
    return {
      name,
      ports: asList(ports).flatMap(publishedBy),
      restarts: policy !== 'no' && policy !== 'none',
      noHttp: NO_HTTP.test(`${name} ${asText(image) ?? ''}`),
    };
  });
  const web = services.filter(({ ports, noHttp }) => ports.length > 0 && !noHttp);
  const chosen = web.find(({ name }) => LIKELY.test(name)) ?? web[0];
  const [port] = chosen?.ports ?? [];
  if (options.url === undefined && (chosen === undefined || port === undefined))
    throw new RefusalError(`init: no service of ${file} publishes a port that could be a web service's`, {
      fix: 'give the URL, too: squall init compose.yaml --url http://127.0.0.1:8080',
    });
  const named = options.url === undefined ? null : parseUrl(options.url);
  const asked = named === null ? '/' : pathOf(named);
  const scheme = port?.container === 443 || port?.container === 8443 ? 'https' : 'http';
  return {
    kind: 'compose',
    name: slug(asText(filledIn(data.name, env)) ?? path.basename(path.dirname(file))),
    baseUrl: named?.origin ?? `${scheme}://127.0.0.1:${port?.host}`,
    // Whoever names a compose file means what it starts here.
    urlIsGiven: true,
    requests: [{ method: 'GET', path: asked, weight: 1 }],
    auth: null,
    secrets: wordsIn(asked),
    script: null,
    compose: { file, services: services.map(({ noHttp: _, ...service }) => service) },
    leftOut: [],
  };
}

/** `8080:80`, `127.0.0.1:8080:80/tcp`, `{ published: 8080, target: 80 }`. Ranges give their first; ports that Docker draws give none. */
function publishedBy(port: unknown): ComposeService['ports'][number][] {
  if (typeof port === 'object' && port !== null) {
    const { published, target, protocol } = asRecord(port);
    return protocol === 'udp' ? [] : pair(String(published ?? ''), String(target ?? ''));
  }
  const [text = '', protocol = 'tcp'] = String(port).split('/');
  if (protocol !== 'tcp') return [];
  const [container = '', host = ''] = text.split(':').reverse();
  return pair(host, container);
}

function pair(host: string, container: string): ComposeService['ports'][number][] {
  const [published, target] = [host, container].map((one) => Number(one.split('-')[0]));
  return published && target ? [{ host: published, container: target }] : [];
}
