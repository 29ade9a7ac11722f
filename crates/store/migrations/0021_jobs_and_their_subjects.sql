-- A dataset and an analysis stand where their job stands. The job carries the id of its subject, and whatever moves it (a claim,
-- a retry, a vanished worker, somebody who takes it back) moves the subject in the same transaction: nothing is left "running"
-- by a job that has ended. What completes a job writes its result itself.
CREATE FUNCTION tenant.job_moved() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = tenant, pg_temp AS $$
DECLARE
    before text := coalesce(current_setting('app.org', true), '');
BEGIN
    -- The queue's functions see the jobs of all organisations; a subject is seen by its own organisation only.
    PERFORM set_config('app.org', NEW.org_id::text, true);
    IF NEW.kind = 'read_dataset' THEN
        UPDATE tenant.datasets SET
            state = CASE NEW.state WHEN 'queued' THEN 'queued' WHEN 'running' THEN 'reading' ELSE 'failed' END,
            reason = CASE WHEN NEW.state IN ('failed', 'cancelled') THEN NEW.reason END
        WHERE org_id = NEW.org_id AND id = NEW.id AND state IN ('queued', 'reading');
    ELSIF NEW.kind = 'analyze' THEN
        UPDATE tenant.analyses SET
            state = NEW.state,
            reason = CASE WHEN NEW.state = 'failed' THEN NEW.reason END,
            started_at = CASE WHEN NEW.state = 'running' THEN coalesce(started_at, clock_timestamp()) ELSE started_at END,
            finished_at = CASE WHEN NEW.state IN ('failed', 'cancelled') THEN clock_timestamp() END
        WHERE org_id = NEW.org_id AND id = NEW.id AND state IN ('queued', 'running');
    END IF;
    PERFORM set_config('app.org', before, true);
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION tenant.job_moved() FROM PUBLIC;
CREATE TRIGGER moved AFTER UPDATE OF state ON tenant.jobs FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state AND NEW.state <> 'completed') EXECUTE FUNCTION tenant.job_moved();
