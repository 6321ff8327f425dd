import { many } from '../../../many.ts';
import type { Use, UseWatch, UseWindow } from '../../../provider.ts';
import { createLooks, type Pair } from '../../../use/looks.ts';
import { createQuiet } from '../../../use/quiet.ts';
import { type Counted, cameWithLoad, notWithLoad, type Stretch } from '../../../use/with-load.ts';
import type { Link } from '../link/link.ts';
import type { LinkUse } from '../link/link-clients.ts';
import { beforeText, bytesText, secondsText } from './text.ts';

const LOOK_EVERY_MS = 250;
const LEAST_MS = 500;

/** What clients sent through a link that squall carries. Squall's own probing of the link never counts. */
export function watchLink(name: string, link: Link): UseWatch {
  const looks = createLooks<LinkUse>();
  const quiet = createQuiet();
  const look = () => {
    looks.add({ at: Date.now(), counters: link.reading().use });
    quiet.looked();
  };
  look();
  const timer = setInterval(look, LOOK_EVERY_MS).unref();
  return {
    ready: quiet.seen,
    async between(_targets, window): Promise<Use> {
      look();
      const around = looks.around(window.from, window.to);
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
      const did = `${many(connections, 'new connection')} of clients, ${last.counters.open} open, ${bytesText(bytes)} passed ${during}`;
      if (bytes === 0 && connections === 0)
        return { inUse: false, seen: [`${name}: nothing used this link: ${did}`] };
      const [came, passed] = [counted(window, 'connections'), counted(window, 'pieces')];
      const said = `${name}: ${did}${beforeText(came.before, 'connections')}${beforeText(passed.before, 'pieces of payload')}`;
      if (cameWithLoad(came) || cameWithLoad(passed)) return { inUse: true, seen: [said] };
      return { inUse: null, seen: [`${said}: ${notWithLoad(came)}`] };
    },
    async close() {
      clearInterval(timer);
    },
  };

  function counted(window: UseWindow, what: 'connections' | 'pieces'): Counted {
    const of = ({ first, last }: Pair<LinkUse>): Stretch => ({
      count: last.counters[what] - first.counters[what],
      ms: last.at - first.at,
    });
    return { before: looks.within(window.quiet).map(of), parts: looks.parts(window).map(of) };
  }
}
