import { urlFrom } from './env.ts';
import { baseUrl } from './target.ts';

export { WebSocket } from 'k6/websockets';

/** Where WebSockets connect to: `-e WS_URL`, by default BASE_URL with the scheme changed. */
export const wsUrl = urlFrom('WS_URL', `ws${baseUrl.slice('http'.length)}`, ['ws', 'wss']);
