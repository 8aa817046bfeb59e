-- The account of the processes, which may read and write rows and nothing else, beside the owner of the tables; and the role
-- of the wall between universities, within which whoever inherits it would always be. Run once, before the first
-- migration, in the database of Qamtu by an administrator of its server, who gives `app` a password as well:
--
--     psql --dbname=qamtu --set=owner=owner --file=accounts.sql
--
-- docs/operations.md ("Setting up", "The wall between universities") says what for.
\set ON_ERROR_STOP on
BEGIN;
CREATE ROLE app LOGIN;
CREATE ROLE qamtu_institution NOLOGIN;
GRANT qamtu_institution TO app, :"owner" WITH INHERIT FALSE, SET TRUE;
GRANT USAGE ON SCHEMA public TO app;
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO app;
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO app;
COMMIT;
