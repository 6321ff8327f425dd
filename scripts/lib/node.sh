# shellcheck shell=bash
# Node, npm, the packages of the lock file, and the compiled code.

need_node() {
  have node || die "Node 20.19 or newer is missing: https://nodejs.org/en/download, or your system's packages"
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    die "Node 20.19 or newer is needed, this is $(node --version): https://nodejs.org/en/download"
  have npm || die "npm is missing; it comes with Node: https://nodejs.org/en/download, or your system's package npm"
}

install_packages() {
  if packages_are_current; then
    say 'npm packages, as in package-lock.json'
    return
  fi
  bounded 900 npm ci --no-audit --no-fund >&2 || die 'npm ci failed; what it said is above. Is the package registry reachable (npm ping)?'
  say 'npm packages, installed'
}

# npm ci has compiled the code, but not later changes of the sources.
compile() { bounded 300 node scripts/prepare.mjs >&2 || die 'compiling failed; what the compiler said is above'; }

# Compares what is installed with the lock file by content, because a checkout changes the file's time, and a half-finished
# installation leaves a folder behind.
packages_are_current() {
  [[ -f node_modules/.package-lock.json ]] || return 1
  node - <<'NODE'
const { existsSync, readFileSync } = require('node:fs');
const read = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
const wanted = read('package-lock.json');
const installed = read('node_modules/.package-lock.json');
const wrong = Object.entries(wanted).filter(([name, { version, optional, link }]) => {
  if (name === '' || link) return false;
  if (!installed[name]) return !optional;
  return installed[name].version !== version || !existsSync(name);
});
process.exit(wrong.length === 0 ? 0 : 1);
NODE
}
