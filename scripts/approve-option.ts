import { Option } from 'commander';

export function approveOption(): Option {
  return new Option(
    '--approve <fault...>',
    'faults that cannot be undone, by name (needed outside local)',
  ).default([], 'none');
}
