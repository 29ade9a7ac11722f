-- The audit trail: one gapless chain per organisation. A leaf is the SHA-256 of the previous hash and of every column,
-- each with its length before it; the verifier in the program computes the same bytes on its own.
CREATE TABLE tenant.audit (
    org_id        uuid NOT NULL REFERENCES tenant.orgs,
    seq           bigint NOT NULL CHECK (seq >= 1),
    at            timestamptz NOT NULL,
    actor_kind    text NOT NULL CHECK (actor_kind IN ('session', 'token', 'api_key', 'job', 'operator', 'webhook', 'anonymous', 'system')),
    actor_id      text NOT NULL CHECK (char_length(actor_id) <= 200),
    action        text NOT NULL CHECK (char_length(action) BETWEEN 1 AND 100),
    resource_type text NOT NULL CHECK (char_length(resource_type) <= 60),
    resource_id   text NOT NULL CHECK (char_length(resource_id) <= 200),
    outcome       text NOT NULL CHECK (outcome IN ('done', 'denied', 'failed')),
    trace_id      text NOT NULL CHECK (char_length(trace_id) <= 64),
    details       jsonb NOT NULL CHECK (jsonb_typeof(details) = 'object' AND pg_column_size(details) <= 16384),
    personal      bytea CHECK (octet_length(personal) = 32),
    hash          bytea NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (org_id, seq)
);
COMMENT ON TABLE tenant.audit IS 'Append-only; written by tenant.audit_append alone';
COMMENT ON COLUMN tenant.audit.personal IS 'Commitment to the personal fields; opened by the key in audit_personal, as long as that is kept';
CREATE INDEX ON tenant.audit (org_id, at);
CREATE INDEX ON tenant.audit (org_id, actor_id, seq);
CREATE INDEX ON tenant.audit (org_id, resource_type, resource_id, seq);
SELECT tenant.protect('tenant.audit');

CREATE TABLE tenant.audit_personal (
    org_id     uuid NOT NULL REFERENCES tenant.orgs,
    seq        bigint NOT NULL,
    subject    uuid,
    key        bytea NOT NULL CHECK (octet_length(key) = 32),
    name       text NOT NULL CHECK (char_length(name) <= 320),
    address    text NOT NULL CHECK (char_length(address) <= 64),
    user_agent text NOT NULL CHECK (char_length(user_agent) <= 400),
    PRIMARY KEY (org_id, seq),
    FOREIGN KEY (org_id, seq) REFERENCES tenant.audit
);
COMMENT ON TABLE tenant.audit_personal IS 'Who and where, apart from the chain: deleting a row erases a person and leaves the chain whole';
CREATE INDEX ON tenant.audit_personal (org_id, subject);
SELECT tenant.protect('tenant.audit_personal');

CREATE TABLE tenant.audit_heads (
    org_id uuid PRIMARY KEY REFERENCES tenant.orgs,
    seq    bigint NOT NULL CHECK (seq >= 1),
    hash   bytea NOT NULL CHECK (octet_length(hash) = 32)
);
COMMENT ON TABLE tenant.audit_heads IS 'The end of each chain; its row lock makes the sequence gapless';
SELECT tenant.protect('tenant.audit_heads');

CREATE TABLE tenant.audit_checkpoints (
    org_id    uuid NOT NULL REFERENCES tenant.orgs,
    seq       bigint NOT NULL CHECK (seq >= 1),
    hash      bytea NOT NULL CHECK (octet_length(hash) = 32),
    at        timestamptz NOT NULL,
    key_id    text NOT NULL CHECK (char_length(key_id) BETWEEN 1 AND 100),
    signature bytea NOT NULL CHECK (octet_length(signature) = 64),
    PRIMARY KEY (org_id, seq)
);
COMMENT ON TABLE tenant.audit_checkpoints IS 'A copy for people to read; the ones that prove something lie outside the database';
SELECT tenant.protect('tenant.audit_checkpoints');
GRANT INSERT ON tenant.audit_checkpoints TO plantintel_worker;

CREATE FUNCTION tenant.audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only: % on % refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON tenant.audit FOR EACH ROW EXECUTE FUNCTION tenant.audit_refuse();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON tenant.audit FOR EACH STATEMENT EXECUTE FUNCTION tenant.audit_refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON tenant.audit_checkpoints FOR EACH ROW EXECUTE FUNCTION tenant.audit_refuse();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON tenant.audit_checkpoints FOR EACH STATEMENT EXECUTE FUNCTION tenant.audit_refuse();

CREATE FUNCTION tenant.measured(value bytea) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT CASE WHEN value IS NULL THEN '\xffffffff'::bytea ELSE int4send(octet_length(value)) || value END $$;
CREATE FUNCTION tenant.measured(value text) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT CASE WHEN value IS NULL THEN '\xffffffff'::bytea
                      ELSE int4send(octet_length(convert_to(value, 'UTF8'))) || convert_to(value, 'UTF8') END $$;

-- Appends to the chain of the transaction's organisation. Organisation, sequence, time and hash come from here, never
-- from the caller, so a row can be neither forged for another organisation nor dated back.
CREATE FUNCTION tenant.audit_append(
    p_actor_kind text, p_actor_id text, p_action text, p_resource_type text, p_resource_id text, p_outcome text,
    p_trace_id text, p_details jsonb, p_subject uuid, p_name text, p_address text, p_user_agent text
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = tenant, pg_temp AS $$
DECLARE
    org uuid := nullif(current_setting('app.org', true), '')::uuid;
    head tenant.audit_heads;
    new_seq bigint;
    previous bytea;
    now_at timestamptz;
    new_key bytea;
    commitment bytea;
    leaf bytea;
BEGIN
    IF org IS NULL THEN
        RAISE EXCEPTION 'an audit event needs an organisation' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT * INTO head FROM tenant.audit_heads h WHERE h.org_id = org FOR UPDATE;
    IF head.org_id IS NULL THEN
        -- The first event: two of them at once meet at the key, and the second then waits for the row.
        PERFORM pg_advisory_xact_lock(hashtextextended(org::text, 7301190415002872));
        SELECT * INTO head FROM tenant.audit_heads h WHERE h.org_id = org FOR UPDATE;
    END IF;
    new_seq := coalesce(head.seq, 0) + 1;
    previous := coalesce(head.hash, '\x0000000000000000000000000000000000000000000000000000000000000000'::bytea);
    now_at := clock_timestamp();
    IF p_name <> '' OR p_address <> '' OR p_user_agent <> '' OR p_subject IS NOT NULL THEN
        new_key := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
        commitment := sha256(new_key || tenant.measured(p_subject::text) || tenant.measured(p_name)
            || tenant.measured(p_address) || tenant.measured(p_user_agent));
    END IF;
    leaf := sha256('plantintel audit 1'::bytea || previous
        || tenant.measured(org::text) || tenant.measured(new_seq::text)
        || tenant.measured(((extract(epoch FROM now_at) * 1000000)::bigint)::text)
        || tenant.measured(p_actor_kind) || tenant.measured(p_actor_id) || tenant.measured(p_action)
        || tenant.measured(p_resource_type) || tenant.measured(p_resource_id) || tenant.measured(p_outcome)
        || tenant.measured(p_trace_id) || tenant.measured(p_details::text) || tenant.measured(commitment));
    INSERT INTO tenant.audit (org_id, seq, at, actor_kind, actor_id, action, resource_type, resource_id, outcome, trace_id,
            details, personal, hash)
        VALUES (org, new_seq, now_at, p_actor_kind, p_actor_id, p_action, p_resource_type, p_resource_id, p_outcome, p_trace_id,
            p_details, commitment, leaf);
    IF commitment IS NOT NULL THEN
        INSERT INTO tenant.audit_personal VALUES (org, new_seq, p_subject, new_key, p_name, p_address, p_user_agent);
    END IF;
    IF head.org_id IS NULL THEN
        INSERT INTO tenant.audit_heads VALUES (org, new_seq, leaf);
    ELSE
        UPDATE tenant.audit_heads SET seq = new_seq, hash = leaf WHERE org_id = org;
    END IF;
    RETURN new_seq;
END
$$;
REVOKE ALL ON FUNCTION tenant.audit_append(text, text, text, text, text, text, text, jsonb, uuid, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenant.audit_append(text, text, text, text, text, text, text, jsonb, uuid, text, text, text)
    TO plantintel_app, plantintel_worker, plantintel_gate, plantintel_operator;

-- Destroys the keys and the personal fields of one person in the transaction's organisation.
CREATE FUNCTION tenant.audit_erase(p_subject uuid) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = tenant, pg_temp AS $$
DECLARE
    n bigint;
BEGIN
    DELETE FROM tenant.audit_personal WHERE org_id = nullif(current_setting('app.org', true), '')::uuid AND subject = p_subject;
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END
$$;
REVOKE ALL ON FUNCTION tenant.audit_erase(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenant.audit_erase(uuid) TO plantintel_app;

-- The ends of chains that have grown since their last checkpoint.
CREATE FUNCTION tenant.audit_heads_due() RETURNS SETOF tenant.audit_heads
    LANGUAGE sql SECURITY DEFINER SET search_path = tenant, pg_temp AS $$
    SELECT h.* FROM tenant.audit_heads h
    WHERE h.seq > coalesce((SELECT max(c.seq) FROM tenant.audit_checkpoints c WHERE c.org_id = h.org_id), 0)
    ORDER BY h.org_id
$$;
GRANT SELECT ON tenant.audit_heads, tenant.audit_checkpoints TO plantintel_dispatch;
CREATE POLICY dispatch ON tenant.audit_heads FOR SELECT TO plantintel_dispatch USING (true);
CREATE POLICY dispatch ON tenant.audit_checkpoints FOR SELECT TO plantintel_dispatch USING (true);
REVOKE ALL ON FUNCTION tenant.audit_heads_due() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenant.audit_heads_due() TO plantintel_worker;
GRANT CREATE ON SCHEMA tenant TO plantintel_dispatch;
ALTER FUNCTION tenant.audit_heads_due() OWNER TO plantintel_dispatch;
REVOKE CREATE ON SCHEMA tenant FROM plantintel_dispatch;

-- What happens before an organisation is known (failed sign-ins, webhooks that match nobody) has a chain too.
SELECT set_config('app.org', '00000000-0000-0000-0000-000000000000', true);
INSERT INTO tenant.orgs (org_id, name, kind) VALUES ('00000000-0000-0000-0000-000000000000', 'Installation', 'installation');
SELECT set_config('app.org', '', true);
