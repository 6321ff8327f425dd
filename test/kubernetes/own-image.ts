import { existsSync } from 'node:fs';
import path from 'node:path';

const image = path.resolve(
  import.meta.dirname,
  process.env.SQUALL_SHARED_CLUSTER ?? '../../../shared/cluster',
  'image',
);

/** The program that makes images for the cluster of ../shared; null where it is not there. */
export const ownImage = existsSync(image) ? image : null;
