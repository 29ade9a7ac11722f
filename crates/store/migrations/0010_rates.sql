-- Requests of the last window per principal: a sliding log, so that no window of that length, wherever it begins, holds more
-- than the limit. (A leaky bucket with a burst lets nearly twice the limit through in one window.) Unlogged: after a crash of
-- the database everybody starts with an empty window.
CREATE UNLOGGED TABLE account.rates (
    key     text PRIMARY KEY CHECK (char_length(key) BETWEEN 1 AND 200),
    hits    bigint[] NOT NULL,
    last_at bigint NOT NULL
);
CREATE INDEX ON account.rates (last_at);

-- Counts a request if there is room: whether it is allowed, how many are left, and in how many microseconds the next is.
CREATE FUNCTION catalog.take_rate(p_key text, p_limit bigint, p_window_us bigint)
    RETURNS TABLE (allowed boolean, remaining bigint, retry_us bigint, reset_us bigint)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = account, pg_temp AS $$
DECLARE
    now_us bigint;
    kept bigint[];
BEGIN
    INSERT INTO account.rates VALUES (p_key, '{}', 0) ON CONFLICT (key) DO NOTHING;
    SELECT r.hits INTO kept FROM account.rates r WHERE r.key = p_key FOR UPDATE;
    now_us := (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
    -- A hit from the future means that the clock was set back: it must not lock anybody out.
    kept := ARRAY(SELECT h FROM unnest(kept) h WHERE h > now_us - p_window_us AND h <= now_us ORDER BY h);
    allowed := cardinality(kept) < p_limit;
    IF allowed THEN
        kept := kept || now_us;
    END IF;
    UPDATE account.rates SET hits = kept, last_at = now_us WHERE key = p_key;
    remaining := greatest(p_limit - cardinality(kept), 0);
    retry_us := CASE WHEN remaining > 0 OR cardinality(kept) = 0 THEN 0 ELSE greatest(kept[1] + p_window_us - now_us, 0) END;
    reset_us := CASE WHEN cardinality(kept) = 0 THEN 0 ELSE kept[cardinality(kept)] + p_window_us - now_us END;
    RETURN NEXT;
END
$$;
CREATE FUNCTION catalog.prune_rates(p_older_us bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = account, pg_temp AS $$
DECLARE
    n bigint;
BEGIN
    DELETE FROM account.rates WHERE last_at < (extract(epoch FROM clock_timestamp()) * 1000000)::bigint - p_older_us;
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END
$$;
REVOKE ALL ON FUNCTION catalog.take_rate(text, bigint, bigint), catalog.prune_rates(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION catalog.take_rate(text, bigint, bigint) TO plantintel_app, plantintel_gate;
GRANT EXECUTE ON FUNCTION catalog.prune_rates(bigint) TO plantintel_worker;
