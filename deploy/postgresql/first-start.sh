#!/bin/sh
# Run once by the image of PostgreSQL, when the database is made: reads the settings beside this file from then on, and makes
# the accounts. On a plain server docs/operations.md ("On a plain server") has the same.
set -eu
echo "include_dir = '/etc/qamtu'" >> "$PGDATA/postgresql.conf"
psql() { command psql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --no-psqlrc --set ON_ERROR_STOP=1 "$@"; }
psql --set owner="$POSTGRES_USER" --file /usr/local/share/qamtu/accounts.sql
psql --set password="$APP_PASSWORD" <<'SQL'
ALTER ROLE app PASSWORD :'password';
SQL
