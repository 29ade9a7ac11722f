-- Chores that go over all organisations, without the worker seeing more of them than it must.

-- Whose turn it is: the organisations that are in use, for chores that then act in each one's own transaction.
GRANT SELECT ON tenant.orgs TO plantintel_dispatch;
CREATE POLICY dispatch ON tenant.orgs FOR SELECT TO plantintel_dispatch USING (true);
CREATE FUNCTION tenant.active_orgs() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = tenant, pg_temp AS $$
    SELECT o.org_id FROM tenant.orgs o WHERE o.state = 'active' AND o.kind <> 'installation' ORDER BY o.org_id
$$;

-- Forgets answers that are older than they are kept.
CREATE INDEX idempotency_keys_age ON tenant.idempotency_keys (created_at);
GRANT SELECT, DELETE ON tenant.idempotency_keys TO plantintel_dispatch;
CREATE POLICY dispatch ON tenant.idempotency_keys FOR ALL TO plantintel_dispatch USING (true) WITH CHECK (true);
CREATE FUNCTION tenant.prune_idempotency_keys(older_than interval) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = tenant, pg_temp AS $$
DECLARE
    n bigint;
BEGIN
    DELETE FROM tenant.idempotency_keys k WHERE k.created_at < clock_timestamp() - greatest(older_than, interval '1 day');
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END
$$;
REVOKE ALL ON FUNCTION tenant.active_orgs(), tenant.prune_idempotency_keys(interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenant.active_orgs(), tenant.prune_idempotency_keys(interval) TO plantintel_worker;
GRANT CREATE ON SCHEMA tenant TO plantintel_dispatch;
ALTER FUNCTION tenant.active_orgs() OWNER TO plantintel_dispatch;
ALTER FUNCTION tenant.prune_idempotency_keys(interval) OWNER TO plantintel_dispatch;
REVOKE CREATE ON SCHEMA tenant FROM plantintel_dispatch;
