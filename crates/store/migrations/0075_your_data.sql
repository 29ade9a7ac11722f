-- What an organisation keeps, and how all of it goes.
ALTER TABLE tenant.orgs ADD COLUMN keep_months bigint CHECK (keep_months >= 1);
COMMENT ON COLUMN tenant.orgs.keep_months IS 'After how many months uploads go by themselves; null keeps them';
ALTER TABLE tenant.orgs ADD COLUMN deletion_asked_at timestamptz;
GRANT UPDATE (keep_months, deletion_asked_at) ON tenant.orgs TO plantintel_app;

-- Deletes everything of an organisation that asked for it and is closed, and says how many rows of each table that were. What stays
-- is the organisation's row without its name, and the chain of its audit trail without the personal fields: they prove that,
-- and when, the rest went. Tables refer to each other, so whoever is referred to waits for a later round.
CREATE FUNCTION tenant.delete_org(target uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = tenant, pg_temp AS $$
DECLARE
    before text := coalesce(current_setting('app.org', true), '');
    pending text[];
    blocked text[];
    name text;
    n bigint;
    gone jsonb := '{}';
BEGIN
    PERFORM set_config('app.org', target::text, true);
    PERFORM 1 FROM tenant.orgs WHERE org_id = target AND state = 'closed' AND deletion_asked_at IS NOT NULL FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the organisation did not ask for its deletion' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT array_agg(c.relname::text ORDER BY c.relname) INTO pending
        FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
        WHERE s.nspname = 'tenant' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
            AND c.relname NOT IN ('orgs', 'audit', 'audit_heads', 'audit_checkpoints');
    -- Counted first: what goes along with something else is in no count of deleted rows.
    FOREACH name IN ARRAY pending LOOP
        EXECUTE format('SELECT count(*) FROM tenant.%I WHERE org_id = $1', name) INTO n USING target;
        gone := gone || jsonb_build_object(name, n);
    END LOOP;
    WHILE cardinality(pending) > 0 LOOP
        blocked := '{}';
        FOREACH name IN ARRAY pending LOOP
            BEGIN
                EXECUTE format('DELETE FROM tenant.%I WHERE org_id = $1', name) USING target;
            EXCEPTION WHEN foreign_key_violation THEN
                blocked := blocked || name;
            END;
        END LOOP;
        IF cardinality(blocked) = cardinality(pending) THEN
            RAISE EXCEPTION 'rows of % refer to each other', blocked;
        END IF;
        pending := blocked;
    END LOOP;
    DELETE FROM account.sessions WHERE org_id = target;
    DELETE FROM account.subscription_states WHERE org_id = target;
    DELETE FROM operator.customers WHERE org_id = target;
    UPDATE tenant.orgs SET name = 'Deleted organisation', profile = '{}', external_id = NULL WHERE org_id = target;
    PERFORM set_config('app.org', before, true);
    RETURN gone;
END
$$;
REVOKE ALL ON FUNCTION tenant.delete_org(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenant.delete_org(uuid) TO plantintel_worker;
