import { watchFile } from '../lib/files.ts';
import { hostOf, type PortName, paths, port, type Testbed } from '../lib/testbed.ts';

export type CloudName = 'first' | 'second';

/** A studio, and how it looks from here. */
export interface Cloud {
  readonly name: CloudName;
  /** Its load balancer, or the link in front of it while that is announced; at most 50 ms old. */
  address(): string;
  addressNow(): string;
  via(): 'direct' | 'link';
  /** To be told about every request and ping: it was answered, or it came to nothing. */
  answered(): void;
  failed(): void;
  isWell(): boolean;
}

export interface Clouds {
  readonly all: readonly Cloud[];
  /** Where requests go now. */
  current(): Cloud;
  /** Where one that has failed goes next: to the other cloud if that is well, else once more to the same. */
  after(cloud: Cloud): Cloud;
}

/** So many failures in a row, and a cloud is out of reach; so many answers, and it is back. Pings go on meanwhile. */
const failuresToLeave = 3;
const answersToReturn = 3;

/** The studio, and the second one where the testbed has it: that takes over while the first is out of reach. */
export function createClouds(
  testbed: Testbed,
  switches: { readonly neverFailOver: () => boolean },
  switched: (to: CloudName) => void = () => {},
): Clouds {
  const files = paths(testbed.dir);
  const first = createCloud('first', { testbed, edge: 'studio-edge', link: files.link });
  const second = testbed.secondStudio
    ? createCloud('second', { testbed, edge: 'second-studio-edge', link: files.secondLink })
    : undefined;
  let last: Cloud = first;

  function choose(): Cloud {
    if (second === undefined || switches.neverFailOver()) return first;
    if (first.isWell()) return first;
    return second.isWell() ? second : last;
  }

  return {
    all: second === undefined ? [first] : [first, second],
    current() {
      const next = choose();
      if (next !== last) switched(next.name);
      last = next;
      return next;
    },
    after(cloud) {
      const other = cloud === first ? second : first;
      return other?.isWell() && !switches.neverFailOver() ? other : cloud;
    },
  };
}

function createCloud(
  name: CloudName,
  { testbed, edge, link }: { readonly testbed: Testbed; readonly edge: PortName; readonly link: string },
): Cloud {
  const direct = `${hostOf(testbed, edge)}:${port(testbed, edge)}`;
  const announced = watchFile(link, parseAddress);
  let isWell = true;
  /** In a row, of what would change that. */
  let against = 0;
  const count = (isOpposite: boolean, needed: number): void => {
    against = isOpposite ? against + 1 : 0;
    if (against < needed) return;
    isWell = !isWell;
    against = 0;
  };
  return {
    name,
    address: () => announced.read() ?? direct,
    addressNow: () => announced.readNow() ?? direct,
    via: () => (announced.read() === undefined ? 'direct' : 'link'),
    answered: () => count(!isWell, answersToReturn),
    failed: () => count(isWell, failuresToLeave),
    isWell: () => isWell,
  };
}

/** Only on this machine: a file that anybody could have written must not send tokens elsewhere. */
function parseAddress(text: string | undefined): string | undefined {
  const address = text?.trim();
  return address !== undefined && /^(127\.\d+\.\d+\.\d+|localhost):\d+$/.test(address) ? address : undefined;
}
