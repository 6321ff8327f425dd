import type { ObjectiveSet } from './objective.ts';

const none = { equals: 0, phase: 'all' } as const;
const onboarding = { ...none, minSamples: 20 } as const;

/**
 * New customers, customers who have gone quiet, which model answers, what that costs. Most of it counts what is wrong: a customer who has
 * not everything within 2 s, or who gets a mail too many.
 */
const business: ObjectiveSet = [
  { name: 'onboarding.customer', counter: 'onboarding_without_customer', ...onboarding },
  { name: 'onboarding.api-key', counter: 'onboarding_without_api_key', ...onboarding },
  { name: 'onboarding.mail', counter: 'onboarding_without_mail', ...onboarding },
  { name: 'onboarding.dashboard', counter: 'onboarding_without_dashboard', ...onboarding },
  { name: 'onboarding.database-row', counter: 'onboarding_without_database_row', ...onboarding },
  // `open`: customers whose mails nobody could look up.
  { name: 'churn.unused', counter: 'churn_not_one_mail', open: 'churn_unseen', ...none, minSamples: 3 },
  { name: 'churn.in-use', counter: 'churn_mail_in_use', open: 'churn_unseen', ...none, minSamples: 3 },
  // More than 90 % go to the right model.
  {
    name: 'model-routing.accuracy',
    rate: 'model_routing_wrong',
    below: '10%',
    phase: 'all',
    minSamples: 50,
  },
  { name: 'cost.month', counter: 'cost_month_over', ...none },
  { name: 'cost.alert', counter: 'cost_alert_wrong', ...none },
  { name: 'cost.optimisation.decided', counter: 'cost_decision_late', ...none },
  { name: 'cost.optimisation.half', counter: 'cost_half_wrong', ...none },
];

export default business;
