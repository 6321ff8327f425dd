import { z } from 'zod';
import { message } from './message.ts';

/** Names of drills, faults, probes, components, environments: safe in file names, tags, k8s labels and reports. */
export const name = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,62}$/,
    message(
      'a name has lower-case letters, digits and dashes, at most 63',
      'rename it, for example redis-failover',
    ),
  );

export const componentName = name;

/** A variable for k6 (-e NAME=value). */
export const variableName = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]{0,99}$/,
    message('the name of a variable has letters, digits and _', 'rename it, for example BASE_URL'),
  )
  .refine(
    (variable) => !STEERS_THE_LOADER.test(variable),
    message('this variable steers how programs are started, k6 among them', 'rename it'),
  )
  .refine(
    (variable) => !SET_BY_SQUALL.test(variable),
    message('squall itself sets this variable of k6', 'remove it, or rename it when the script reads it'),
  );

/** Read by the dynamic linker and by shells, before anything of k6 runs: a drill could have code of its own run by them. */
const STEERS_THE_LOADER = /^((LD|DYLD)_\w*|PATH|IFS|ENV|BASH_ENV|SHELLOPTS|BASHOPTS|PS4)$/;
/** With another value, samples or errors of the load would not reach the verdict. */
const SET_BY_SQUALL =
  /^K6_(CSV_\w*|OUT|LOG_OUTPUT|LOG_FORMAT|NO_THRESHOLDS|LINGER|PAUSED|AUTO_EXTENSION_RESOLUTION|WEB_DASHBOARD)$/;

export const variables = z.record(variableName, z.string().max(8_192)).default({});

/** Labels of an alert that must all be there; empty would fit every alert. */
export const alertMatch = z
  .record(z.string(), z.string())
  .refine(
    (match) => Object.keys(match).length > 0,
    message('an empty match fits every alert', 'name a label, for example component: sessions'),
  );

/** host:port with a port from `lowest` to 65535. Port 0 asks the system for a free one. */
export function hostPort(host: RegExp, fix: string, lowest: 0 | 1 = 1) {
  return z.string().refine(
    (text) => {
      const at = text.lastIndexOf(':');
      const port = text.slice(at + 1);
      return (
        text.length < 300 &&
        host.test(text.slice(0, at)) &&
        /^\d{1,5}$/.test(port) &&
        Number(port) >= lowest &&
        Number(port) <= 65_535
      );
    },
    message('must be host:port', fix),
  );
}

/** True when no two entries are the same. */
export function distinct(values: readonly unknown[]): boolean {
  return new Set(values).size === values.length;
}
