import { countedRate } from '../objectives/counted.ts';
import { fieldsOf } from '../runtime/fields.ts';
import { http } from '../runtime/k6.ts';
import { baseUrl, request } from '../runtime/target.ts';
import type { MixUser } from './mix.ts';

/** One sample for each beat whose end is known, as in the scenario `beats`; an unfinished beat has none. */
const failed = countedRate('beat_failed');

/** A user has at most one unfinished beat, and asks about it meanwhile. So the queue holds at most one order for each user. */
export const orderOrAsk = (user: MixUser): void => {
  if (user.beat === null) user.beat = order(user);
  else if (isOver(user.beat, user)) user.beat = null;
};

const order = ({ headers }: MixUser): string | null => {
  const answer = http.post(`${baseUrl}/api/ai/generate-beat`, JSON.stringify({ genre: 'house', bpm: 124 }), {
    ...request({ name: 'POST /api/ai/generate-beat' }, headers),
    responseType: 'text',
  });
  const { id } = fieldsOf(answer);
  if (answer.status === 202 && id !== undefined) return String(id);
  // Also when it was accepted without an id: its user has nothing to ask about.
  failed.add(true);
  return null;
};

const isOver = (beat: string, { headers }: MixUser): boolean => {
  const params = {
    ...request({ name: 'GET /api/ai/beats/:id' }, headers),
    responseType: 'text' as const,
  };
  const answer = http.get(`${baseUrl}/api/ai/beats/${beat}`, params);
  const state = answer.status === 200 ? fieldsOf(answer).state : undefined;
  // A beat that is unknown by now will never be done. Any other failure says nothing about it, and the user asks again.
  const lost = answer.status === 404;
  if (state !== 'done' && state !== 'failed' && !lost) return false;
  failed.add(state !== 'done');
  return true;
};
