// In TypeScript, which k6 runs as it is, with everything but the duration left at k6's defaults.
import http from 'k6/http';
import type { Options } from 'k6/options';

interface Answer {
  status: string;
}

export const options: Options = { vus: 4, duration: '6s' };

export default function (): void {
  const answer = http.get<'text'>(`${__ENV.BASE_URL}/`);
  if (answer.status !== 200) return;
  const { status } = answer.json() as unknown as Answer;
  if (status !== 'ok') throw new Error(`says ${status}`);
}
