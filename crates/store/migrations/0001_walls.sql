-- The walls: which schema holds what, and the one function that puts row security on a table.
--
-- tenant    everything that belongs to one organisation; every table has org_id in its key and forced row security
-- account   people, sessions and other things known before the organisation is; only the gate role comes here
-- operator  what the operator of the installation knows of its customers; no grant to app or worker
-- catalog   data without an owner, read by all

GRANT USAGE ON SCHEMA tenant TO plantintel_app, plantintel_worker, plantintel_gate, plantintel_operator, plantintel_dispatch;
GRANT USAGE ON SCHEMA account TO plantintel_gate;
GRANT USAGE ON SCHEMA operator TO plantintel_operator;
GRANT USAGE ON SCHEMA catalog TO plantintel_app, plantintel_worker, plantintel_gate, plantintel_operator;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- The organisation of the current transaction; null when none is set. After a transaction with a local setting the
-- setting is '' and not null, and '' is not a tenant.
CREATE FUNCTION tenant.current_org() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('app.org', true), '')::uuid $$;
GRANT EXECUTE ON FUNCTION tenant.current_org() TO PUBLIC;

-- Forces row security on a table of schema tenant and gives it its one policy for all commands. The operator reads all
-- organisations; nobody else does. What app and worker may do is granted beside the table.
CREATE FUNCTION tenant.protect(target regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format(
        $policy$CREATE POLICY tenant ON %s FOR ALL TO PUBLIC
            USING (org_id = nullif(current_setting('app.org', true), '')::uuid)
            WITH CHECK (org_id = nullif(current_setting('app.org', true), '')::uuid)$policy$, target);
    EXECUTE format('CREATE POLICY operator_reads ON %s FOR SELECT TO plantintel_operator USING (true)', target);
    EXECUTE format('GRANT SELECT ON %s TO plantintel_app, plantintel_worker, plantintel_operator', target);
END
$$;

-- Every change of a row moves its updated_at and its version, whatever the statement says.
CREATE FUNCTION tenant.touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := clock_timestamp();
    NEW.version := OLD.version + 1;
    RETURN NEW;
END
$$;
