#!/usr/bin/env bash
# Prints SQL that makes a schema for each service, a user who may change its rows, one who may change its tables (for
# migrations) and, where there is a password for it, one who may shorten its access log and nothing else. Repeatable; a changed
# password takes effect.
#
# Usage: users.sh PASSWORDS | mariadb          a folder with a file for each user, oversight_workforce, ..._migrate, ..._prune
# As a first-start script of the MariaDB image it runs the SQL itself.

oversight_users() {
  local passwords=$1 service user password
  printf '%s\n' "SET NAMES utf8mb4;"
  for service in workforce caseload supervision compliance; do
    printf 'CREATE DATABASE IF NOT EXISTS oversight_%s CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;\n' "$service"
    for user in "oversight_$service" "oversight_${service}_migrate" "oversight_${service}_prune"; do
      case $user in *_prune) [ -e "$passwords/$user" ] || continue ;; esac
      [ -s "$passwords/$user" ] || { printf 'users.sh: %s/%s is missing or empty\n' "$passwords" "$user" >&2; return 1; }
      password=$(cat "$passwords/$user")
      case $password in
        *[\'\\]*) printf "users.sh: the password of %s holds ' or \\\\\n" "$user" >&2; return 1 ;;
      esac
      printf "CREATE USER IF NOT EXISTS '%s'@'%%' IDENTIFIED BY '%s';\n" "$user" "$password"
      printf "ALTER USER '%s'@'%%' IDENTIFIED BY '%s';\n" "$user" "$password"
    done
    printf "GRANT SELECT, INSERT, UPDATE, DELETE ON oversight_%s.* TO 'oversight_%s'@'%%';\n" "$service" "$service"
    printf "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES ON oversight_%s.* TO 'oversight_%s_migrate'@'%%';\n" \
      "$service" "$service"
    [ -e "$passwords/oversight_${service}_prune" ] || continue
    # The table comes with the migrations. A right to something that is not there yet is given only with CREATE, which is taken away.
    printf "GRANT SELECT, DELETE, CREATE ON oversight_%s.access_log TO 'oversight_%s_prune'@'%%';\n" "$service" "$service"
    printf "REVOKE CREATE ON oversight_%s.access_log FROM 'oversight_%s_prune'@'%%';\n" "$service" "$service"
  done
}

# Sourced by the image's entry point, which has docker_process_sql; otherwise run.
if declare -F docker_process_sql >/dev/null; then
  oversight_users "${OVERSIGHT_USERS:-/etc/oversight/users}" | docker_process_sql
else
  set -euo pipefail
  oversight_users "${1:?usage: users.sh PASSWORDS}"
fi
