import { setTimeout as sleep } from 'node:timers/promises';
import { createService } from '../../lib/service.ts';
import { createTokens } from '../../lib/tokens.ts';

/** Answers questions about music, after as long as a language model would take. The thinking is a stand-in. */
const service = createService({ ready: () => true });
const { app, settings, secrets } = service;
const tokens = createTokens(secrets.jwtKey);

app.post<{ Body: { prompt: string } }>(
  '/api/ai/chat',
  {
    schema: {
      body: {
        type: 'object',
        required: ['prompt'],
        additionalProperties: false,
        properties: { prompt: { type: 'string', minLength: 1, maxLength: 4_000 } },
      },
    },
  },
  async (request) => {
    await tokens.verify(request.headers.authorization, settings.read());
    const started = performance.now();
    await sleep(settings.read()['brain-ms'] * (0.5 + Math.random()));
    const words = request.body.prompt.split(/\s+/).length;
    const answer = `You asked in ${words} words. Try a ii-V-I in the key of the bass line.`;
    return { answer, model: 'stand-in', thoughtMs: Math.round(performance.now() - started) };
  },
);

await service.listen();
