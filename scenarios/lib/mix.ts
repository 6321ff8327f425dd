import { http } from './k6.ts';
import { baseUrl, request } from './target.ts';
import { write } from './writes.ts';

export interface MixUser {
  readonly headers: Record<string, string>;
  /** The order that is not done yet. */
  beat: string | null;
}

export const browse = ({ headers }: MixUser): void => {
  http.get(`${baseUrl}/api/projects`, request({ name: 'GET /api/projects' }, headers));
};

export const save = ({ headers }: MixUser): void => {
  write({
    url: `${baseUrl}/api/projects`,
    body: (key) => JSON.stringify({ name: `mix ${key}`, bpm: 96 }),
    params: request({ name: 'POST /api/projects' }, headers),
  });
};

/** A user has one beat in the making at most; meanwhile he asks after it. So the queue holds as many orders as there are users. */
export const orderOrAsk = (user: MixUser): void => {
  if (user.beat !== null) {
    const params = {
      ...request({ name: 'GET /api/ai/beats/:id' }, user.headers),
      responseType: 'text' as const,
    };
    const answer = http.get(`${baseUrl}/api/ai/beats/${user.beat}`, params);
    const state = answer.status === 200 ? (answer.json() as { state?: unknown }).state : undefined;
    if (state === 'done' || state === 'failed') user.beat = null;
    return;
  }
  const answer = http.post(`${baseUrl}/api/ai/generate-beat`, JSON.stringify({ genre: 'house', bpm: 124 }), {
    ...request({ name: 'POST /api/ai/generate-beat' }, user.headers),
    responseType: 'text',
  });
  if (answer.status === 202) user.beat = String((answer.json() as { id?: unknown }).id);
};
