import type { z } from 'zod';
import { inert } from './definitions/issues/inert.ts';
import type { UndoRecord } from './prepared-fault.ts';
import { ProviderError } from './provider-error.ts';

/**
 * The data of an undo record: it was written by another process, perhaps by an older squall, and anybody may have changed it since.
 * @throws ProviderError that says what is wrong with it
 */
export function readUndoData<Schema extends z.ZodType>(schema: Schema, record: UndoRecord): z.output<Schema> {
  const read = schema.safeParse(record.data);
  if (read.success) return read.data;
  const wrong = read.error.issues
    .slice(0, 3)
    .map(({ path, message }) => `${['data', ...path].map(String).join('.')}: ${message}`);
  throw new ProviderError(
    inert(
      `the undo record ${record.id} is damaged, or of another version (${wrong.join('; ')}): it is not followed`,
      600,
    ),
    { fix: 'see what its fault left behind, and remove that by hand' },
  );
}
