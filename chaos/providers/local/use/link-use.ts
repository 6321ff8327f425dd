import type { Use, UseWatch } from '../../../provider.ts';
import type { Link } from '../link/link.ts';
import type { LinkUse } from '../link/link-clients.ts';
import { createLooks } from './looks.ts';
import { isMoreThanChecks, NO_MORE_THAN_CHECKS } from './pace.ts';
import { bytesText, secondsText } from './text.ts';

const LOOK_EVERY_MS = 250;
const LEAST_MS = 500;

/** What clients sent through a link that squall carries. Squall's own probing of the link never counts. */
export function watchLink(name: string, link: Link): UseWatch {
  const looks = createLooks<LinkUse>();
  const look = () => looks.add({ at: Date.now(), counters: link.reading().use });
  look();
  const timer = setInterval(look, LOOK_EVERY_MS).unref();
  return {
    async between(_targets, from, to): Promise<Use> {
      look();
      const around = looks.around(from, to);
      if (around === undefined || around.last.at - around.first.at < LEAST_MS) {
        return {
          inUse: null,
          seen: [`${name}: not watched for long enough to say whether anything used it`],
        };
      }
      const { first, last } = around;
      const bytes = last.counters.bytes - first.counters.bytes;
      const connections = last.counters.connections - first.counters.connections;
      const during = `in ${secondsText(last.at - first.at)}`;
      const did = `${connections} new connections of clients, ${last.counters.open} open, ${bytesText(bytes)} passed ${during}`;
      if (bytes === 0 && connections === 0)
        return { inUse: false, seen: [`${name}: nothing used this link: ${did}`] };
      const pieces = last.counters.pieces - first.counters.pieces;
      if (isMoreThanChecks(Math.max(connections, pieces), last.at - first.at))
        return { inUse: true, seen: [`${name}: ${did}`] };
      return { inUse: null, seen: [`${name}: ${did}: ${NO_MORE_THAN_CHECKS}`] };
    },
    async close() {
      clearInterval(timer);
    },
  };
}
