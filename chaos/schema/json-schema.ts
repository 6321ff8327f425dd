import { z } from 'zod';
import { drill } from './drill.ts';
import { environment } from './environment.ts';
import { gameday } from './gameday.ts';
import { register } from './register.ts';
import { requestFile } from './requests.ts';
import { suite } from './suite.ts';

/**
 * JSON Schema (2020-12) of what people write, for editors: completion, and most mistakes while typing. Rules that look at more
 * than one key are the loader's. Committed beside this file; a test keeps the files current.
 */
export function jsonSchemas(): Readonly<
  Record<'drill' | 'environment' | 'suite' | 'register' | 'requests' | 'gameday', object>
> {
  return {
    drill: toJson('drill', drill),
    environment: toJson('environment', environment),
    suite: toJson('suite', suite),
    register: toJson('register', register),
    requests: toJson('requests', requestFile),
    gameday: toJson('game day', gameday),
  };
}

function toJson(title: string, schema: z.ZodType): object {
  return { title: `squall ${title}`, ...z.toJSONSchema(schema, { io: 'input' }) };
}
