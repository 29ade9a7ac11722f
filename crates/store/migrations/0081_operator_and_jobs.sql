-- What an operator may do to the jobs of the organisation that was entered, and that stands in its audit trail: put one that was given
-- up back into the queue, or take one back. The functions belong to the owner, who sees the entered organisation only.
CREATE FUNCTION tenant.operator_retry_job(p_job uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = tenant, pg_temp AS $$
DECLARE
    retried text;
BEGIN
    UPDATE tenant.jobs SET state = 'queued', attempt = 0, losses = 0, cancel_requested = false, finished_at = NULL, reason = NULL,
        run_at = clock_timestamp()
    WHERE org_id = tenant.current_org() AND id = p_job AND state IN ('failed', 'cancelled') RETURNING kind INTO retried;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    -- What the job is for stands where the job stands; it was given up with it.
    IF retried = 'read_dataset' THEN
        UPDATE tenant.datasets SET state = 'queued', reason = NULL WHERE org_id = tenant.current_org() AND id = p_job AND state = 'failed';
    ELSIF retried = 'analyze' THEN
        UPDATE tenant.analyses SET state = 'queued', reason = NULL, started_at = NULL, finished_at = NULL
        WHERE org_id = tenant.current_org() AND id = p_job AND state IN ('failed', 'cancelled');
    END IF;
    PERFORM pg_notify('plantintel_jobs', '');
    RETURN true;
END
$$;
CREATE FUNCTION tenant.operator_cancel_job(p_job uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = tenant, pg_temp AS $$
BEGIN
    UPDATE tenant.jobs SET cancel_requested = true,
        state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END,
        finished_at = CASE WHEN state = 'queued' THEN clock_timestamp() ELSE finished_at END
    WHERE org_id = tenant.current_org() AND id = p_job AND state IN ('queued', 'running');
    RETURN FOUND;
END
$$;
REVOKE ALL ON FUNCTION tenant.operator_retry_job(uuid), tenant.operator_cancel_job(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenant.operator_retry_job(uuid), tenant.operator_cancel_job(uuid) TO plantintel_operator;
