# shellcheck shell=bash
# A Kubernetes cluster for the tests that need one, through the scripts `up`, `status` and `down` in the folder $SQUALL_TEST_CLUSTER.
# If KUBECONFIG is already set, it names somebody's own cluster, which is used as it is.

cluster_started=no cluster_pid='' cluster_why='nobody has begun it'

# Brings it up in the background. cluster_up prints its output.
cluster_begin() {
  local dir=${SQUALL_TEST_CLUSTER:-} log=$run_dir/cluster.log locks=${XDG_CACHE_HOME:-$HOME/.cache}/squall
  [[ -n $dir && -z ${KUBECONFIG:-} ]] || return 0
  cluster_why=
  [[ -x $dir/up ]] || { cluster_why="there is no $dir/up"; return; }
  [[ $(id -u) == 0 ]] || { cluster_why='it takes root'; return; }
  have flock || { cluster_why='flock(1) is missing'; return; }
  # A machine has only one: another run's tests on it must have ended.
  mkdir -p "$locks" && exec 8>"$locks/cluster.lock"
  flock -w "$cluster_wait_s" 8 || { cluster_why="another run has been using it for $cluster_wait_s s"; return; }
  timeout 60 "$dir/status" >"$log" 2>&1 8>&- && return
  cluster_started=yes
  # Its programs must not count as left behind by a test, nor keep the lock.
  (unset TMPDIR SQUALL_TEST_RUN && bring_up "$dir") >"$log" 2>&1 </dev/null 8>&- &
  cluster_pid=$!
}

# Tries twice: a new API server may still be busy with the definitions that it was given, and all tests on the cluster were skipped for that
# once.
bring_up() {
  timeout 300 "$1/up" && return
  echo 'it did not come up; once more from the beginning'
  timeout 120 "$1/down"
  timeout 300 "$1/up"
}

# After cluster_begin. Sets KUBECONFIG if there is a cluster. Otherwise says why there is none, and its tests are skipped and counted as
# skipped: a machine that cannot have one (no root, a missing package) says nothing about squall.
cluster_up() {
  [[ -n ${SQUALL_TEST_CLUSTER:-} && -z ${KUBECONFIG:-} ]] || return 0
  heading 'cluster'
  [[ -z $cluster_why ]] || { no_cluster "$cluster_why"; return; }
  if [[ $cluster_started == no ]]; then
    echo 'it is already up, so it is used, and stays up'
  elif cluster_settled; then
    echo 'up'
  else
    tail -n 20 "$run_dir/cluster.log"
    no_cluster 'it did not come up twice; what it said is above'
    return
  fi
  export KUBECONFIG=${SQUALL_CLUSTER_DIR:-/var/lib/squall-cluster}/kubeconfig
}
cluster_wait_s=900

# Waits for what cluster_begin has started. Succeeds if the cluster came up.
cluster_settled() {
  [[ -n $cluster_pid ]] || return 0
  local pid=$cluster_pid
  cluster_pid=
  wait "$pid"
}

no_cluster() { printf 'no cluster: %s. The tests that need one are skipped.\n' "$1"; }

# Takes down what cluster_up brought up, and nothing else.
cluster_down() {
  [[ $cluster_started == yes ]] || return 0
  cluster_settled # half of it cannot be taken down while the other half comes up
  cluster_started=no
  timeout 120 "$SQUALL_TEST_CLUSTER/down" >"$run_dir/cluster.log" 2>&1 8>&- ||
    { echo 'taking the cluster down failed:'; cat "$run_dir/cluster.log"; } >&2
  unset KUBECONFIG
  exec 8>&-
}
