import { readFrame } from '../runtime/frame.ts';

export interface Answer {
  readonly seq: number;
  /** Null: no pitch was recognised. */
  readonly hz: number | null;
}

/** Null for a frame that is not an answer. An exception would end the singer and lose everything it has counted. */
export const readAnswer = (data: unknown): Answer | null => {
  const said = readFrame<Answer>(data);
  if (typeof said?.seq !== 'number') return null;
  return { seq: said.seq, hz: typeof said.hz === 'number' ? said.hz : null };
};
