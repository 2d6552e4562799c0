-- PostgreSQL runs this once, on an empty volume: the role under which the product works. It owns nothing, may
-- make nothing, and row security holds for it. Run it again to change its password:
-- docker compose exec postgres psql --username voronka --file /docker-entrypoint-initdb.d/roles.sql
\set ON_ERROR_STOP on
\getenv password APP_DATABASE_PASSWORD
SELECT 'CREATE ROLE voronka_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'voronka_app')
\gexec
ALTER ROLE voronka_app PASSWORD :'password';
SELECT format('GRANT CONNECT ON DATABASE %I TO voronka_app', current_database())
\gexec
GRANT USAGE ON SCHEMA public TO voronka_app;
