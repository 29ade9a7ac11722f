-- Many events at once move the end of the chain once. One update each would leave a version of the row per event that nobody can
-- clean up before the transaction ends, and every look at the end would pass by all of them.
ALTER TABLE tenant.audit_heads SET (fillfactor = 20, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0);

CREATE FUNCTION tenant.audit_append_all(p_events jsonb) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = tenant, pg_temp AS $$
DECLARE
    org uuid := nullif(current_setting('app.org', true), '')::uuid;
    head tenant.audit_heads;
    previous bytea;
    new_seq bigint;
    now_at timestamptz;
    event jsonb;
    v_subject uuid;
    new_key bytea;
    commitment bytea;
    leaf bytea;
BEGIN
    IF org IS NULL THEN
        RAISE EXCEPTION 'an audit event needs an organisation' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT * INTO head FROM tenant.audit_heads h WHERE h.org_id = org FOR UPDATE;
    IF head.org_id IS NULL THEN
        PERFORM pg_advisory_xact_lock(hashtextextended(org::text, 7301190415002872));
        SELECT * INTO head FROM tenant.audit_heads h WHERE h.org_id = org FOR UPDATE;
    END IF;
    new_seq := coalesce(head.seq, 0);
    leaf := coalesce(head.hash, '\x0000000000000000000000000000000000000000000000000000000000000000'::bytea);
    FOR event IN SELECT * FROM jsonb_array_elements(p_events) LOOP
        previous := leaf;
        new_seq := new_seq + 1;
        now_at := clock_timestamp();
        v_subject := (event ->> 'subject')::uuid;
        commitment := NULL;
        IF event ->> 'name' <> '' OR event ->> 'address' <> '' OR event ->> 'user_agent' <> '' OR v_subject IS NOT NULL THEN
            new_key := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
            commitment := sha256(new_key || tenant.measured(v_subject::text) || tenant.measured(event ->> 'name')
                || tenant.measured(event ->> 'address') || tenant.measured(event ->> 'user_agent'));
        END IF;
        leaf := sha256('plantintel audit 1'::bytea || previous
            || tenant.measured(org::text) || tenant.measured(new_seq::text)
            || tenant.measured(((extract(epoch FROM now_at) * 1000000)::bigint)::text)
            || tenant.measured(event ->> 'actor_kind') || tenant.measured(event ->> 'actor_id')
            || tenant.measured(event ->> 'action') || tenant.measured(event ->> 'resource_type')
            || tenant.measured(event ->> 'resource_id') || tenant.measured(event ->> 'outcome')
            || tenant.measured(event ->> 'trace_id') || tenant.measured((event -> 'details')::text)
            || tenant.measured(commitment));
        INSERT INTO tenant.audit (org_id, seq, at, actor_kind, actor_id, action, resource_type, resource_id, outcome, trace_id,
                details, personal, hash)
            VALUES (org, new_seq, now_at, event ->> 'actor_kind', event ->> 'actor_id', event ->> 'action',
                event ->> 'resource_type', event ->> 'resource_id', event ->> 'outcome', event ->> 'trace_id',
                event -> 'details', commitment, leaf);
        IF commitment IS NOT NULL THEN
            INSERT INTO tenant.audit_personal
                VALUES (org, new_seq, v_subject, new_key, event ->> 'name', event ->> 'address', event ->> 'user_agent');
        END IF;
    END LOOP;
    IF new_seq = coalesce(head.seq, 0) THEN
        RETURN new_seq;
    ELSIF head.org_id IS NULL THEN
        INSERT INTO tenant.audit_heads VALUES (org, new_seq, leaf);
    ELSE
        UPDATE tenant.audit_heads SET seq = new_seq, hash = leaf WHERE org_id = org;
    END IF;
    RETURN new_seq;
END
$$;
REVOKE ALL ON FUNCTION tenant.audit_append_all(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenant.audit_append_all(jsonb) TO plantintel_app, plantintel_worker, plantintel_gate, plantintel_operator;
