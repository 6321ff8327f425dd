set -eu
file=/data/sentinel-$PORT.conf
cat >"$file" <<CONF
port $PORT
bind 0.0.0.0
protected-mode no
sentinel announce-ip $POD_IP
sentinel monitor sessions $POD_IP 9040 2
sentinel down-after-milliseconds sessions 1000
sentinel failover-timeout sessions 5000
CONF
exec redis-server "$file" --sentinel
