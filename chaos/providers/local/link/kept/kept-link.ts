import { followLink } from '../followed-link.ts';
import type { Link } from '../link.ts';
import { connectToKeeper } from './keeper-connection.ts';
import type { KeptLink } from './registry.ts';

/** A link that `squall link` keeps open, as a drill uses it. */
export async function useKeptLink(entry: KeptLink): Promise<Link> {
  return followLink(await connectToKeeper(entry), { address: entry.address, keptBy: entry });
}
