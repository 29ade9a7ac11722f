-- What must stand before the first migration: the roles of the installation and the schemas that they own.
-- Runs as an administrator, as often as one likes. Roles belong to the whole server, so two databases that are made
-- at once meet here: whoever comes second finds the role there.
DO $bootstrap$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['plantintel_owner', 'plantintel_dispatch'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT NOCREATEDB NOCREATEROLE', role_name);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END;
    END LOOP;
    FOREACH role_name IN ARRAY ARRAY['plantintel_app', 'plantintel_worker', 'plantintel_gate', 'plantintel_operator'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT NOCREATEDB NOCREATEROLE', role_name);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END;
    END LOOP;
    -- Functions that see the jobs of all organisations belong to the dispatcher; only migrations hand them over.
    IF NOT pg_has_role('plantintel_owner', 'plantintel_dispatch', 'MEMBER') THEN
        BEGIN
            GRANT plantintel_dispatch TO plantintel_owner;
        EXCEPTION WHEN unique_violation THEN NULL;
        END;
    END IF;
    -- An administrator without superuser rights must be able to act as the owner. Since Postgres 16 making a role gives
    -- membership without that.
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
        AND NOT pg_has_role(current_user, 'plantintel_owner', CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)
    THEN
        GRANT plantintel_owner TO CURRENT_USER;
    END IF;
END
$bootstrap$;

CREATE SCHEMA IF NOT EXISTS tenant AUTHORIZATION plantintel_owner;
CREATE SCHEMA IF NOT EXISTS account AUTHORIZATION plantintel_owner;
CREATE SCHEMA IF NOT EXISTS operator AUTHORIZATION plantintel_owner;
CREATE SCHEMA IF NOT EXISTS catalog AUTHORIZATION plantintel_owner;

DO $bootstrap$
BEGIN
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO plantintel_app, plantintel_worker, plantintel_gate, plantintel_operator',
                   current_database());
    IF EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = 'public' AND pg_has_role(current_user, nspowner, 'USAGE')) THEN
        REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    END IF;
END
$bootstrap$;
