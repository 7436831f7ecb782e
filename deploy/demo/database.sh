# shellcheck shell=bash
# Sourced by demo.sh: a private MariaDB in $state/database, reachable from this machine only.

database_pid=

# Paths of Unix sockets are limited to 107 bytes.
database_socket() {
  local path=$state/run/database.sock
  [ "${#path}" -le 100 ] || path=/tmp/oversight-demo-$(printf '%s' "$state" | cksum | cut -d' ' -f1).sock
  printf '%s\n' "$path"
}

# Whether anybody on this machine uses the port: a listener, or the near end of a connection, which no attempt to connect
# would find. State 06, TIME_WAIT, does not stand in the way.
port_taken() {
  local tables=(/proc/net/tcp)
  [ ! -r /proc/net/tcp6 ] || tables+=(/proc/net/tcp6)
  awk -v port="$(printf ':%04X' "$1")" '
    $4 != "06" && substr($2, length($2) - 4) == port { taken = 1 }
    END { exit !taken }' "${tables[@]}"
}

# The wanted port or the next free one.
free_port() {
  local port=$1
  while port_taken "$port"; do port=$((port + 1)); done
  printf '%s\n' "$port"
}

# Runs SQL as the database's administrator: the system user who owns it, known by the socket, without a password.
sql() {
  mariadb --no-defaults --socket="$(database_socket)" --user="$(id -un)" --batch --skip-column-names "$@"
}

install_database() {
  [ ! -d "$state/database/mysql" ] || return 0
  rm -rf "$state/database"
  mkdir -p "$state/database" "$state/database-tmp"
  # --force: whether or not the machine knows its own name.
  mariadb-install-db --no-defaults --datadir="$state/database" --tmpdir="$state/database-tmp" --user="$(id -un)" \
    --skip-test-db --skip-name-resolve --force \
    --auth-root-authentication-method=socket --auth-root-socket-user="$(id -un)" >"$state/log/database.log" 2>&1
}

start_database() {
  PATH=$PATH:/usr/sbin:/usr/local/sbin
  install_database || { tail -n 5 "$state/log/database.log" >&2; return 1; }
  # Below the range from which outgoing connections take theirs.
  database_port=$(free_port 23306)
  # Nothing acknowledged may be lost, here as in earnest: the services refuse to serve otherwise.
  # A server clears away temporary tables when it starts, those of others in a shared directory too.
  mkdir -p "$state/database-tmp"
  mariadbd --no-defaults --datadir="$state/database" --tmpdir="$state/database-tmp" --user="$(id -un)" --socket="$(database_socket)" \
    --pid-file="$state/run/mariadbd.pid" --port="$database_port" --bind-address=127.0.0.1 --skip-name-resolve \
    --character-set-server=utf8mb4 --collation-server=utf8mb4_bin --innodb-flush-log-at-trx-commit=1 \
    --innodb-buffer-pool-size=256M --max-connections=200 >>"$state/log/database.log" 2>&1 9>&- &
  database_pid=$!
  printf '%s\n' "$database_pid" >"$state/run/database.pid"
  local tries
  for ((tries = 0; tries < 300; tries++)); do
    if sql -e 'SELECT 1' >/dev/null 2>&1; then
      create_schemas
      return
    fi
    kill -0 "$database_pid" 2>/dev/null || { database_pid=; tail -n 5 "$state/log/database.log" >&2; return 1; }
    sleep 0.1
  done
  return 1
}

# The password kept in the file; made up at first.
password_in() {
  [ -s "$1" ] || od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$1"
  cat "$1"
}

# For each service a schema, a user who may change its tables and one who may only change rows. Repeatable.
create_schemas() {
  local service schema migrator server
  for service in "${SERVICES[@]}"; do
    schema=oversight_$service
    migrator=$(password_in "$state/secrets/$service-migrate.password")
    server=$(password_in "$state/secrets/$service.password")
    cat <<SQL
CREATE DATABASE IF NOT EXISTS $schema CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE USER IF NOT EXISTS '${service}_migrate'@'127.0.0.1';
ALTER USER '${service}_migrate'@'127.0.0.1' IDENTIFIED BY '$migrator';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES
  ON $schema.* TO '${service}_migrate'@'127.0.0.1';
CREATE USER IF NOT EXISTS '$service'@'127.0.0.1';
ALTER USER '$service'@'127.0.0.1' IDENTIFIED BY '$server';
GRANT SELECT, INSERT, UPDATE, DELETE ON $schema.* TO '$service'@'127.0.0.1';
SQL
  done | sql
}

stop_database() {
  [ -n "$database_pid" ] || return 0
  kill -TERM "$database_pid" 2>/dev/null || true
  wait "$database_pid" 2>/dev/null || true
  database_pid=
  rm -f "$state/run/database.pid"
}
