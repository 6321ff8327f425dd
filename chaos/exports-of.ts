/**
 * What a package exports, however it was packed. `import()` of a CommonJS package gives its names to Node, but in squall's own bundle it
 * gives `default` alone.
 */
export function exportsOf<T extends object>(module: T): T {
  const names = Object.keys(module).filter((name) => name !== '__esModule');
  return names.length === 1 && 'default' in module ? (module.default as T) : module;
}
