import { realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';

export interface Overlay {
  readonly directory: string;
  readonly namespace: string;
  readonly base: 'job' | 'nightly';
  readonly image: string;
  /** What is in the ConfigMap: files of the directory, and their texts. */
  readonly files: Readonly<Record<string, string>>;
}

/** Writes an overlay of deploy/ as docs/scale-out.md shows it. */
export function writeOverlay({ directory, namespace, base, image, files }: Overlay): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(directory, name), text);
  const colon = image.lastIndexOf(':');
  const overlay = {
    namespace,
    // kustomize wants bases by a relative path.
    resources: [
      path.relative(realpathSync(directory), path.resolve(import.meta.dirname, '../../deploy', base)),
    ],
    images: [{ name: 'squall', newName: image.slice(0, colon), newTag: image.slice(colon + 1) }],
    configMapGenerator: [{ name: 'squall-drill', behavior: 'replace', files: Object.keys(files) }],
  };
  writeFileSync(path.join(directory, 'kustomization.yaml'), stringify(overlay));
}
