import type { Integrations } from '../../../chaos/schema/integrations.ts';
import { datadog } from './datadog.ts';
import { grafana } from './grafana.ts';
import type { Delivery, Integration, IntegrationName, Told } from './integration.ts';
import { otlp } from './otlp.ts';
import { pagerduty } from './pagerduty.ts';
import { prometheus } from './prometheus.ts';
import { slack } from './slack.ts';
import { splunk } from './splunk.ts';

/** Every integration, by its name in an environment. */
const INTEGRATIONS: { readonly [Name in IntegrationName]: Integration<Name> } = {
  grafana,
  prometheus,
  otlp,
  datadog,
  pagerduty,
  slack,
  splunk,
};

/** What each integration that the environment names would send; `deliveries` is called one by one, because one may throw. */
export function integrationsOf(
  settings: Integrations,
): readonly { readonly name: IntegrationName; deliveries(told: Told): readonly Delivery[] }[] {
  return (Object.keys(INTEGRATIONS) as IntegrationName[]).flatMap((name) => pick(settings, name));
}

function pick<Name extends IntegrationName>(settings: Integrations, name: Name) {
  const own = settings[name];
  if (own === undefined) return [];
  return [{ name, deliveries: (told: Told) => INTEGRATIONS[name].deliveries(own, told) }];
}
