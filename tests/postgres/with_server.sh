#!/usr/bin/env bash
# with_server.sh COMMAND…: runs the command with a private PostgreSQL, which ends with it. The command finds its address in
# VITRINE_TEST_DATABASE. Nothing is kept; set VITRINE_POSTGRES_DURABLE=1 to have commits reach the disk, as a benchmark needs.
set -euo pipefail

bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
[[ -n $bin ]] || { echo "with_server.sh: there is no PostgreSQL (Debian's package: postgresql)" >&2; exit 1; }

dir=$(mktemp -d "${VITRINE_POSTGRES_IN:-/tmp}/vitrine-pg-XXXXXX")
# The server refuses to be root.
as=()
if ((EUID == 0)); then
    as=(setpriv --reuid=postgres --regid=postgres --clear-groups)
    chown postgres: "$dir"
fi

server=
# shellcheck disable=SC2317 # called by the trap
stop() {
    if [[ -n $server ]]; then
        kill -QUIT "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$dir"
}
trap stop EXIT

durable=(-c fsync=off -c synchronous_commit=off -c full_page_writes=off)
[[ -z ${VITRINE_POSTGRES_DURABLE-} ]] || durable=(-c shared_buffers=512MB -c max_wal_size=4GB -c checkpoint_timeout=30min)
cd "$dir"
"${as[@]}" "$bin/initdb" -D "$dir/data" -U vitrine --auth=trust --encoding=UTF8 --locale=C --no-sync >"$dir/initdb.log" 2>&1 ||
    { cat "$dir/initdb.log" >&2; exit 1; }
"${as[@]}" "$bin/postgres" -D "$dir/data" -c listen_addresses= -c unix_socket_directories="$dir" -c max_connections=50 \
    "${durable[@]}" >"$dir/server.log" 2>&1 &
server=$!
for ((i = 0; ; i++)); do
    if "$bin/pg_isready" -q -h "$dir" -U vitrine; then break; fi
    if ((i > 150)) || ! kill -0 "$server" 2>/dev/null; then cat "$dir/server.log" >&2; exit 1; fi
    sleep 0.1
done
cd - >/dev/null
export VITRINE_TEST_DATABASE="postgresql:///postgres?host=$dir&user=vitrine"
status=0
"$@" || status=$?
if ((status != 0)); then tail -n 20 "$dir/server.log" >&2; fi
exit "$status"
