# A primary, or with PRIMARY_PORT its replica. Addresses are announced by the pod's, which is where clients come from.
set -eu
mkdir -p "/data/$PORT"
exec redis-server --port "$PORT" --bind 0.0.0.0 --protected-mode no --save '' --appendonly no --dir "/data/$PORT" \
  --replica-announce-ip "$POD_IP" ${PRIMARY_PORT:+--replicaof "$POD_IP" "$PRIMARY_PORT"}
