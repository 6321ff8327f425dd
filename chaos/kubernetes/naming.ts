import { createHash } from 'node:crypto';

export const RUN_LABEL = 'squall/run';
export const FAULT_LABEL = 'squall/fault';
const MANAGED_BY = 'app.kubernetes.io/managed-by';

/** By these, `squall recover` finds what a run left behind, with or without a journal. */
export function objectLabels(run: string, fault: string): Record<string, string> {
  return { [MANAGED_BY]: 'squall', [RUN_LABEL]: labelValue(run), [FAULT_LABEL]: labelValue(fault) };
}

export function residueSelector(run: string | undefined): string {
  return `${MANAGED_BY}=squall,${run === undefined ? RUN_LABEL : `${RUN_LABEL}=${labelValue(run)}`}`;
}

/** The same for every call within a run, and no other run's: the undo is written down before the object exists. */
export function objectName(run: string, fault: string): string {
  const mark = createHash('sha256').update(`${run}\n${fault}`).digest('hex').slice(0, 10);
  const readable = fault
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  return ['squall', readable, mark]
    .filter((part) => part !== '')
    .join('-')
    .replace(/-{2,}/g, '-');
}

/** Kubernetes allows letters, digits, `.`, `_` and `-` in a label, at most 63, beginning and ending with a letter or digit. */
export function labelValue(text: string): string {
  const clean = text.replace(/[^A-Za-z0-9._-]/g, '-');
  const cut =
    clean.length <= 63
      ? clean
      : `${clean.slice(0, 52)}-${createHash('sha256').update(text).digest('hex').slice(0, 10)}`;
  return cut.replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
}
