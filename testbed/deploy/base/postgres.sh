# Makes the studio's database at the first start, then becomes the server. Works in the official image and in a bare one.
set -eu
# First, since a program that lies elsewhere does not find its libraries.
for bin in /usr/lib/postgresql/*/bin; do PATH=$bin:$PATH; done
export PATH LC_ALL=C
data=/data/postgres
if [ ! -s "$data/PG_VERSION" ]; then
  initdb -D "$data" -U admin -E UTF8 --locale=C --no-sync --no-instructions >/dev/null
  # --single takes one statement a line.
  printf '%s\n' "CREATE ROLE studio LOGIN PASSWORD '$STUDIO_PASSWORD';" "CREATE DATABASE studio;" |
    postgres --single -D "$data" postgres >/dev/null
  postgres --single -D "$data" studio >/dev/null <<'SQL'
CREATE TABLE projects (id uuid PRIMARY KEY, owner text NOT NULL CHECK (length(owner) BETWEEN 1 AND 100), name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120), bpm integer NOT NULL CHECK (bpm BETWEEN 20 AND 300), version integer NOT NULL DEFAULT 1, idempotency_key text NOT NULL CHECK (length(idempotency_key) BETWEEN 1 AND 200), copy smallint NOT NULL DEFAULT 0, replays integer NOT NULL DEFAULT 0, created_at timestamptz NOT NULL DEFAULT now(), UNIQUE (owner, idempotency_key, copy));
CREATE INDEX projects_by_key ON projects (idempotency_key);
CREATE INDEX projects_by_owner ON projects (owner, created_at DESC);
GRANT SELECT, INSERT, UPDATE ON projects TO studio;
SQL
  echo 'host studio studio all scram-sha-256' >>"$data/pg_hba.conf"
fi
exec postgres -D "$data" -c listen_addresses='*' -c port=9030 -c unix_socket_directories=/tmp -c max_connections=100 -c deadlock_timeout=200ms
