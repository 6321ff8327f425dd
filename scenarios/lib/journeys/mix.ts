import { http } from '../runtime/k6.ts';
import { baseUrl, request } from '../runtime/target.ts';
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
