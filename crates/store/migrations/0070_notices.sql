-- What an organisation is told: each thing once, under a key of its own, in the transaction of the deed that it is about. A job
-- of the same id passes it on as mail and to the organisation's own programs.
CREATE TABLE tenant.notices (
    org_id     uuid NOT NULL REFERENCES tenant.orgs,
    id         uuid NOT NULL,
    type       text NOT NULL CHECK (type ~ '^[a-z_]{1,40}\.[a-z_]{1,40}$'),
    key        text NOT NULL CHECK (char_length(key) BETWEEN 1 AND 200),
    facts      jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(facts) = 'object' AND pg_column_size(facts) <= 16384),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, id)
);
COMMENT ON TABLE tenant.notices IS 'What an organisation is told, once per key; passed on as mail and to its webhooks';
CREATE UNIQUE INDEX ON tenant.notices (org_id, type, key);
CREATE INDEX ON tenant.notices (org_id, created_at, id);
SELECT tenant.protect('tenant.notices');
GRANT INSERT ON tenant.notices TO plantintel_app, plantintel_worker, plantintel_gate, plantintel_operator;
-- The gate and the operator ask for the job that passes a notice on; what jobs there are, the gate does not see.
GRANT INSERT ON tenant.jobs TO plantintel_gate, plantintel_operator;

-- The refund rule: an analysis that ends without a result is given back to the month in which it was counted, whatever ended it
-- (a fault, a person, a worker that vanished too often), and counted again when somebody sets it going once more.
CREATE FUNCTION tenant.refund_job() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = tenant, pg_temp AS $$
DECLARE
    before text := coalesce(current_setting('app.org', true), '');
BEGIN
    PERFORM set_config('app.org', NEW.org_id::text, true);
    UPDATE tenant.usage_counters SET
        used = greatest(used + CASE WHEN NEW.state IN ('failed', 'cancelled') THEN -1 ELSE 1 END, 0),
        updated_at = clock_timestamp()
    WHERE org_id = NEW.org_id AND meter = 'analyses'
        AND period_start = (NEW.payload ->> 'counted_in')::date;
    PERFORM set_config('app.org', before, true);
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION tenant.refund_job() FROM PUBLIC;
CREATE TRIGGER refund AFTER UPDATE OF state ON tenant.jobs FOR EACH ROW
    WHEN (NEW.kind = 'analyze'
        AND (OLD.state IN ('failed', 'cancelled')) <> (NEW.state IN ('failed', 'cancelled')))
    EXECUTE FUNCTION tenant.refund_job();
