// Bundles the testbed's services into one file each, so that an image needs Node and these files and nothing else.
// Usage: node testbed/deploy/bundle.mjs DIRECTORY
import { build } from 'esbuild';

const [outdir] = process.argv.slice(2);
if (outdir === undefined) {
  console.error('usage: node testbed/deploy/bundle.mjs DIRECTORY');
  process.exit(64);
}
const at = (path) => new URL(path, import.meta.url).pathname;
await build({
  entryPoints: {
    gateway: at('../gateway/main.ts'),
    edge: at('../edge/main.ts'),
    projects: at('../projects/main.ts'),
    producer: at('../studio/producer/main.ts'),
    'vocal-coach': at('../studio/vocal-coach/main.ts'),
    'ai-brain': at('../studio/ai-brain/main.ts'),
    watcher: at('watcher.ts'),
  },
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  outdir,
  // CommonJS packages inside an ES module still call require().
  banner: {
    js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
