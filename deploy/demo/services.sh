# shellcheck shell=bash
# Sourced by demo.sh: the four services and the client.

declare -A service_pids=() ports=() metrics_ports=()

program_of() { printf '%s\n' "$build/services/$1/oversight-$1"; }
listen_address() { printf '127.0.0.1:%s\n' "${ports[$1]}"; }
metrics_address() { printf '127.0.0.1:%s\n' "${metrics_ports[$1]}"; }

choose_ports() {
  local service port=50051 metrics=9101
  for service in "${SERVICES[@]}"; do
    ports[$service]=$(free_port "$port")
    port=$((ports[$service] + 1))
    metrics_ports[$service]=$(free_port "$metrics")
    metrics=$((metrics_ports[$service] + 1))
  done
}

# For the services, for oversightctl and for people who want to ask more from another terminal.
write_environment() {
  local service
  {
    printf 'export PATH=%q:$PATH\n' "$build/services/oversightctl"
    printf 'export OVERSIGHT_DEMO_MODE=true\n'
    for service in "${SERVICES[@]}"; do
      printf 'export OVERSIGHT_%s_TARGET=%s\n' "${service^^}" "$(listen_address "$service")"
    done
  } >"$state/env"
}

# The key file of the texts of session records, made once: without its keys what is stored cannot be read again.
record_key_file() {
  local file="$state/secrets/record-keys"
  if [ ! -f "$file" ]; then
    (umask 077 && printf 'demo %s active\n' "$(head -c 32 /dev/urandom | base64)" >"$file.new")
    mv "$file.new" "$file"
  fi
  printf '%s\n' "$file"
}

# Runs a service's program with the settings that all its sub-commands share: service user command...
run_service() {
  local service=$1 user=$2
  shift 2
  local settings=(--listen="$(listen_address "$service")" --metrics-listen="$(metrics_address "$service")"
    --demo-mode=true --db-host=127.0.0.1 --db-port="$database_port" --db-schema="oversight_$service"
    --db-user="$user" --db-password-file="$state/secrets/${user//_/-}.password"
    --migrations-dir="$top/services/$service/migrations" --drain-notice=0s)
  if [ "$service" = supervision ]; then settings+=(--record-key-file="$(record_key_file)"); fi
  # shellcheck source=/dev/null
  . "$state/env"
  exec "$(program_of "$service")" "$@" "${settings[@]}"
}

migrate_services() {
  local service failed=0
  local -A pids=()
  for service in "${SERVICES[@]}"; do
    (run_service "$service" "${service}_migrate" migrate up) >"$state/log/$service-migrate.log" 2>&1 9>&- &
    pids[$service]=$!
  done
  for service in "${SERVICES[@]}"; do
    wait "${pids[$service]}" && continue
    failed=1
    printf '%s: ' "$service" >&2
    tail -n 5 "$state/log/$service-migrate.log" >&2
  done
  return "$failed"
}

start_services() {
  local service
  for service in "${SERVICES[@]}"; do
    (run_service "$service" "$service" serve) >"$state/log/$service.log" 2>&1 9>&- &
    service_pids[$service]=$!
    printf '%s\n' "$!" >"$state/run/$service.pid"
  done
  for service in "${SERVICES[@]}"; do
    await_health "$service" || return 1
  done
}

await_health() {
  local service=$1 tries
  for ((tries = 0; tries < 300; tries++)); do
    if (run_service "$service" "$service" healthcheck) >"$state/log/$service-health.log" 2>&1 9>&-; then
      return 0
    fi
    if ! kill -0 "${service_pids[$service]}" 2>/dev/null; then
      printf '%s ended at start: ' "$service" >&2
      tail -n 5 "$state/log/$service.log" >&2
      return 1
    fi
    sleep 0.2
  done
  printf '%s does not become healthy: ' "$service" >&2
  tail -n 3 "$state/log/$service-health.log" >&2
  return 1
}

ctl() (
  # shellcheck source=/dev/null
  . "$state/env"
  exec oversightctl "$@" 9>&-
)

# Stays until a service or the database ends, which is a failure, or a signal ends everything.
watch_services() {
  local ended=0
  wait -n "$database_pid" "${service_pids[@]}" || ended=$?
  fail "a service or the database ended by itself (code $ended); see $state/log"
}

stop_services() {
  local service
  for service in "${!service_pids[@]}"; do kill -TERM "${service_pids[$service]}" 2>/dev/null || true; done
  for service in "${!service_pids[@]}"; do
    wait "${service_pids[$service]}" 2>/dev/null || true
    rm -f "$state/run/$service.pid"
  done
  service_pids=()
}

# A demo that was killed outright left its processes behind: those that its files name and that bear its directory on
# their command line.
end_leftovers() {
  local file pid
  for file in "$state"/run/*.pid; do
    [ -f "$file" ] || continue
    pid=$(cat "$file")
    if [[ $pid =~ ^[0-9]+$ ]] && tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "$state/"; then
      kill -TERM "$pid" 2>/dev/null || true
      while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
    fi
    rm -f "$file"
  done
}
