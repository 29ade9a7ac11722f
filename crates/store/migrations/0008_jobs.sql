CREATE SEQUENCE tenant.fences;

CREATE TABLE tenant.jobs (
    org_id       uuid NOT NULL REFERENCES tenant.orgs,
    id           uuid NOT NULL,
    kind         text NOT NULL CHECK (kind ~ '^[a-z_]{1,60}$'),
    payload      jsonb NOT NULL CHECK (pg_column_size(payload) <= 262144),
    unique_key   text CHECK (char_length(unique_key) BETWEEN 1 AND 200),
    state        text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
    priority     smallint NOT NULL DEFAULT 0,
    run_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempt      bigint NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    attempts_max bigint NOT NULL DEFAULT 5 CHECK (attempts_max >= 1),
    losses       bigint NOT NULL DEFAULT 0 CHECK (losses >= 0),
    losses_max   bigint NOT NULL DEFAULT 10 CHECK (losses_max >= 0),
    fence        bigint NOT NULL DEFAULT 0 CHECK (fence >= 0),
    worker       text NOT NULL DEFAULT '' CHECK (char_length(worker) <= 200),
    lease_until  timestamptz,
    cancel_requested boolean NOT NULL DEFAULT false,
    progress     jsonb NOT NULL DEFAULT '{}' CHECK (pg_column_size(progress) <= 16384),
    reason       text CHECK (char_length(reason) <= 2000),
    trace_id     text NOT NULL DEFAULT '' CHECK (char_length(trace_id) <= 64),
    created_by   uuid,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at   timestamptz,
    finished_at  timestamptz,
    PRIMARY KEY (org_id, id),
    CHECK ((state = 'running') = (lease_until IS NOT NULL)),
    CHECK ((state IN ('completed', 'failed', 'cancelled')) = (finished_at IS NOT NULL))
);
COMMENT ON TABLE tenant.jobs IS 'Background work: at least once, with effect once';
COMMENT ON COLUMN tenant.jobs.fence IS 'Grows with every claim; whoever commits a result must still hold it';
COMMENT ON COLUMN tenant.jobs.losses IS 'How often a worker vanished with the job; bounded apart from failures';
CREATE UNIQUE INDEX ON tenant.jobs (org_id, kind, unique_key) WHERE state IN ('queued', 'running') AND unique_key IS NOT NULL;
CREATE INDEX jobs_due ON tenant.jobs (org_id, priority DESC, run_at, id) WHERE state = 'queued';
CREATE INDEX jobs_running ON tenant.jobs (lease_until) WHERE state = 'running';
CREATE INDEX ON tenant.jobs (org_id, created_at, id);
CREATE INDEX jobs_finished ON tenant.jobs (finished_at) WHERE finished_at IS NOT NULL;
SELECT tenant.protect('tenant.jobs');
GRANT INSERT, UPDATE ON tenant.jobs TO plantintel_app, plantintel_worker;

CREATE TABLE tenant.job_turns (
    org_id    uuid PRIMARY KEY REFERENCES tenant.orgs,
    served_at timestamptz NOT NULL
);
COMMENT ON TABLE tenant.job_turns IS 'When an organisation last had a job claimed; the one that waited longest is next';
SELECT tenant.protect('tenant.job_turns');

-- The dispatcher sees the jobs of all organisations and nothing else. Nobody signs in as it; it owns the functions below.
GRANT SELECT, UPDATE, DELETE ON tenant.jobs TO plantintel_dispatch;
GRANT SELECT, INSERT, UPDATE ON tenant.job_turns TO plantintel_dispatch;
GRANT USAGE ON SEQUENCE tenant.fences TO plantintel_dispatch;
CREATE POLICY dispatch ON tenant.jobs FOR ALL TO plantintel_dispatch USING (true) WITH CHECK (true);
CREATE POLICY dispatch ON tenant.job_turns FOR ALL TO plantintel_dispatch USING (true) WITH CHECK (true);

-- Puts back what a vanished worker held. A job that has been lost too often ends as failed, so that a poisoned one
-- cannot take down worker after worker for ever.
CREATE FUNCTION tenant.rescue_jobs() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = tenant, pg_temp AS $$
DECLARE
    n bigint;
BEGIN
    UPDATE tenant.jobs SET
        state = CASE WHEN cancel_requested THEN 'cancelled' WHEN losses + 1 > losses_max THEN 'failed' ELSE 'queued' END,
        reason = CASE WHEN cancel_requested THEN 'cancelled'
                      WHEN losses + 1 > losses_max THEN 'the worker vanished ' || (losses + 1) || ' times while this job ran'
                      ELSE reason END,
        finished_at = CASE WHEN cancel_requested OR losses + 1 > losses_max THEN clock_timestamp() END,
        losses = losses + 1, lease_until = NULL, worker = '', run_at = clock_timestamp()
    WHERE state = 'running' AND lease_until < clock_timestamp();
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END
$$;

-- Takes the next job: of the organisations with work that is due and room under the cap, the one with the fewest running
-- jobs, then the one that waited longest. One claim at a time, so that counting is exact; a claim takes about a millisecond.
CREATE FUNCTION tenant.claim_job(claimant text, kinds text[], lease interval, org_cap bigint)
    RETURNS SETOF tenant.jobs LANGUAGE plpgsql SECURITY DEFINER SET search_path = tenant, pg_temp AS $$
DECLARE
    picked_org uuid;
    picked_id uuid;
    job tenant.jobs;
BEGIN
    PERFORM pg_advisory_xact_lock(7301190415002871);
    PERFORM tenant.rescue_jobs();
    LOOP
        WITH RECURSIVE due_orgs (org_id) AS (
            (SELECT j.org_id FROM tenant.jobs j WHERE j.state = 'queued' ORDER BY j.org_id LIMIT 1)
            UNION ALL
            SELECT (SELECT j.org_id FROM tenant.jobs j WHERE j.state = 'queued' AND j.org_id > d.org_id ORDER BY j.org_id LIMIT 1)
            FROM due_orgs d WHERE d.org_id IS NOT NULL
        ), running AS (
            SELECT j.org_id, count(*) AS n FROM tenant.jobs j WHERE j.state = 'running' GROUP BY j.org_id
        )
        SELECT next.org_id, next.id INTO picked_org, picked_id
        FROM due_orgs d
        LEFT JOIN running r ON r.org_id = d.org_id
        LEFT JOIN tenant.job_turns t ON t.org_id = d.org_id
        CROSS JOIN LATERAL (
            SELECT j.org_id, j.id, j.priority, j.run_at FROM tenant.jobs j
            WHERE j.org_id = d.org_id AND j.state = 'queued' AND j.run_at <= clock_timestamp() AND j.kind = ANY (kinds)
            ORDER BY j.priority DESC, j.run_at, j.id LIMIT 1
        ) next
        WHERE coalesce(r.n, 0) < org_cap
        ORDER BY coalesce(r.n, 0), t.served_at NULLS FIRST, next.priority DESC, next.run_at, next.id
        LIMIT 1;
        IF picked_id IS NULL THEN
            RETURN;
        END IF;
        UPDATE tenant.jobs j SET state = 'running', attempt = j.attempt + 1, worker = claimant, fence = nextval('tenant.fences'),
            lease_until = clock_timestamp() + lease, started_at = coalesce(j.started_at, clock_timestamp())
        WHERE j.org_id = picked_org AND j.id = picked_id AND j.state = 'queued'
        RETURNING j.* INTO job;
        -- Somebody cancelled it between the two statements: look again.
        CONTINUE WHEN job.id IS NULL;
        INSERT INTO tenant.job_turns VALUES (picked_org, clock_timestamp())
            ON CONFLICT (org_id) DO UPDATE SET served_at = EXCLUDED.served_at;
        RETURN NEXT job;
        RETURN;
    END LOOP;
END
$$;

-- A worker that starts again takes back what it held under the same name before it was killed.
CREATE FUNCTION tenant.release_jobs(claimant text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = tenant, pg_temp AS $$
DECLARE
    n bigint;
BEGIN
    UPDATE tenant.jobs SET lease_until = '-infinity' WHERE state = 'running' AND worker = claimant;
    GET DIAGNOSTICS n = ROW_COUNT;
    PERFORM tenant.rescue_jobs();
    RETURN n;
END
$$;

-- Numbers for metrics, without any organisation's name.
CREATE FUNCTION tenant.queue_depth() RETURNS TABLE (kind text, state text, jobs bigint, oldest_seconds double precision)
    LANGUAGE sql SECURITY DEFINER SET search_path = tenant, pg_temp AS $$
    SELECT j.kind, j.state, count(*), coalesce(extract(epoch FROM clock_timestamp() - min(j.run_at)), 0)::double precision
    FROM tenant.jobs j WHERE j.state IN ('queued', 'running') GROUP BY j.kind, j.state ORDER BY j.kind, j.state
$$;

CREATE FUNCTION tenant.prune_jobs(older_than interval) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = tenant, pg_temp AS $$
DECLARE
    n bigint;
BEGIN
    DELETE FROM tenant.jobs j WHERE j.finished_at < clock_timestamp() - greatest(older_than, interval '1 day');
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END
$$;

REVOKE ALL ON FUNCTION tenant.rescue_jobs(), tenant.claim_job(text, text[], interval, bigint), tenant.release_jobs(text),
    tenant.queue_depth(), tenant.prune_jobs(interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenant.rescue_jobs(), tenant.claim_job(text, text[], interval, bigint), tenant.release_jobs(text),
    tenant.queue_depth(), tenant.prune_jobs(interval) TO plantintel_worker;

-- Handing functions over needs a moment of the right to make things in the schema.
GRANT CREATE ON SCHEMA tenant TO plantintel_dispatch;
ALTER FUNCTION tenant.rescue_jobs() OWNER TO plantintel_dispatch;
ALTER FUNCTION tenant.claim_job(text, text[], interval, bigint) OWNER TO plantintel_dispatch;
ALTER FUNCTION tenant.release_jobs(text) OWNER TO plantintel_dispatch;
ALTER FUNCTION tenant.queue_depth() OWNER TO plantintel_dispatch;
ALTER FUNCTION tenant.prune_jobs(interval) OWNER TO plantintel_dispatch;
REVOKE CREATE ON SCHEMA tenant FROM plantintel_dispatch;

CREATE TABLE tenant.idempotency_keys (
    org_id       uuid NOT NULL REFERENCES tenant.orgs,
    principal    text NOT NULL CHECK (char_length(principal) BETWEEN 1 AND 100),
    operation    text NOT NULL CHECK (char_length(operation) BETWEEN 1 AND 200),
    key          text NOT NULL CHECK (char_length(key) BETWEEN 1 AND 255),
    request_hash bytea NOT NULL CHECK (octet_length(request_hash) = 32),
    status       smallint CHECK (status BETWEEN 100 AND 599),
    response     jsonb CHECK (pg_column_size(response) <= 1048576),
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, principal, operation, key)
);
COMMENT ON TABLE tenant.idempotency_keys IS 'Answers kept for a day, in the transaction of the deed, so that a retry gets the same one';
CREATE INDEX ON tenant.idempotency_keys (org_id, created_at);
SELECT tenant.protect('tenant.idempotency_keys');
GRANT INSERT, UPDATE, DELETE ON tenant.idempotency_keys TO plantintel_app;
