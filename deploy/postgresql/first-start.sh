#!/bin/sh
# Run once by the image of PostgreSQL, when the database is made: reads the settings beside this file from then on, and makes
# the account of the processes, which may read and write rows and nothing else, beside the owner of the tables. On a plain
# server docs/operations.md ("Setting up") has the same.
set -eu
echo "include_dir = '/etc/qamtu'" >> "$PGDATA/postgresql.conf"
psql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --no-psqlrc --set ON_ERROR_STOP=1 \
    --set password="$APP_PASSWORD" --set owner="$POSTGRES_USER" <<'SQL'
CREATE ROLE app LOGIN PASSWORD :'password';
CREATE ROLE qamtu_institution NOLOGIN;
GRANT qamtu_institution TO app WITH INHERIT FALSE, SET TRUE;
GRANT USAGE ON SCHEMA public TO app;
-- The wall between universities (docs/operations.md): who inherits is always within.
CREATE ROLE qamtu_institution NOLOGIN;
GRANT qamtu_institution TO app WITH INHERIT FALSE, SET TRUE;
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO app;
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO app;
SQL
