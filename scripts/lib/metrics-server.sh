# shellcheck shell=bash
# The metrics API, for the autoscalers on the cluster of $SQUALL_TEST_CLUSTER: metrics-server, built with Go from its module. Building takes
# four minutes on two cores, once, so that only the register asks for it. Without it the drill that scales is skipped, and named.

METRICS_SERVER_VERSION=0.8.0

metrics_server_binary() { echo "${XDG_CACHE_HOME:-$HOME/.cache}/squall/metrics-server-v$METRICS_SERVER_VERSION"; }

# Before anything is measured.
get_metrics_server() {
  local binary module=sigs.k8s.io/metrics-server temp
  binary=$(metrics_server_binary)
  [[ ! -x $binary ]] || { say "metrics-server $METRICS_SERVER_VERSION"; return; }
  have go || { say 'no metrics-server: Go is missing'; return; }
  temp=$(mktemp -d) || return 0
  if (
    cd "$temp" || exit 1
    export CGO_ENABLED=0 GOWORK=off GOFLAGS=-mod=mod
    go mod init squall.test/metrics-server && bounded 300 go get -tool "$module/cmd/metrics-server@v$METRICS_SERVER_VERSION" &&
      bounded 1200 go build -trimpath -ldflags='-s -w' -o metrics-server "$module/cmd/metrics-server"
  ) >"$temp/log" 2>&1; then
    mkdir -p "$(dirname "$binary")" && mv "$temp/metrics-server" "$binary" && say "metrics-server $METRICS_SERVER_VERSION, built"
  else
    tail -n 5 "$temp/log"
    say 'no metrics-server: Go could not build it (is a module proxy reachable? go env GOPROXY)'
  fi
  rm -rf "$temp"
}

metrics_started=no

# Once the cluster is up and KUBECONFIG is set.
metrics_api_up() {
  local binary tries
  binary=$(metrics_server_binary)
  [[ -n ${KUBECONFIG:-} && -x $binary && -x ${SQUALL_TEST_CLUSTER:-}/image ]] || { echo 'no metrics API'; return 0; }
  metrics_kubectl get apiservice v1beta1.metrics.k8s.io >/dev/null 2>&1 && { echo 'there is a metrics API'; return 0; }
  # The program in the image has the name of the file.
  cp "$binary" "$run_dir/metrics-server"
  bounded 120 "$SQUALL_TEST_CLUSTER/image" squall/metrics-server:local "$run_dir/metrics-server" >/dev/null &&
    metrics_kubectl apply -f test/kubernetes/metrics-server.yaml >/dev/null || { echo 'no metrics API: the cluster did not take it'; return 0; }
  metrics_started=yes
  for ((tries = 0; tries < 60; tries += 1)); do
    metrics_kubectl get --raw /apis/metrics.k8s.io/v1beta1/nodes >/dev/null 2>&1 && { echo 'metrics API: up'; return 0; }
    sleep 2
  done
  echo 'no metrics API: it did not answer within two minutes'
  metrics_api_down
}

# A cluster that was up before stays as it was.
metrics_api_down() {
  [[ $metrics_started == yes ]] || return 0
  metrics_started=no
  metrics_kubectl delete -f test/kubernetes/metrics-server.yaml --ignore-not-found >/dev/null
}

metrics_kubectl() { PATH=$PATH:$HOME/.cache/squall-cluster/bin bounded 60 kubectl "$@"; }
