-- An accepted finding as a saving that is worked for: what was promised when it was accepted, what was done, and what later
-- uploads say of it. Where it stands with the people is in finding_status.
CREATE TABLE tenant.opportunities (
    org_id        uuid NOT NULL REFERENCES tenant.orgs,
    key           text NOT NULL CHECK (char_length(key) BETWEEN 1 AND 200),
    facility_id   uuid,
    title         text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 1000),
    type          text NOT NULL CHECK (char_length(type) BETWEEN 1 AND 60),
    entities      jsonb NOT NULL CHECK (jsonb_typeof(entities) = 'array' AND pg_column_size(entities) <= 65536),
    problem_since date,
    currency      text CHECK (char_length(currency) <= 8),
    promised      numeric,
    acted_on      date,
    notes         text NOT NULL DEFAULT '' CHECK (char_length(notes) <= 4000),
    verdict       text CHECK (verdict IN ('verified', 'refuted', 'not_yet')),
    unit          text CHECK (char_length(unit) <= 20),
    saved         numeric,
    saved_a_year  numeric,
    saved_a_year_low  numeric,
    saved_a_year_high numeric,
    verification  jsonb NOT NULL DEFAULT '{}' CHECK (pg_column_size(verification) <= 262144),
    verified_by   uuid,
    verified_at   timestamptz,
    version       bigint NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, key),
    FOREIGN KEY (org_id, key) REFERENCES tenant.finding_status,
    FOREIGN KEY (org_id, facility_id) REFERENCES tenant.facilities
);
COMMENT ON TABLE tenant.opportunities IS 'Accepted findings as savings: promised, acted on, and verified or refuted by later uploads';
COMMENT ON COLUMN tenant.opportunities.promised IS 'What the finding called addressable when it was accepted, a year';
COMMENT ON COLUMN tenant.opportunities.verified_by IS 'The analysis that measured it';
CREATE INDEX ON tenant.opportunities (org_id, facility_id);
SELECT tenant.protect('tenant.opportunities');
CREATE TRIGGER touch BEFORE UPDATE ON tenant.opportunities FOR EACH ROW EXECUTE FUNCTION tenant.touch();
GRANT INSERT, UPDATE ON tenant.opportunities TO plantintel_app, plantintel_worker;

-- What a pilot should save and until when: the operator's words, of which an organisation sees its own and no more.
CREATE FUNCTION tenant.pilot_target() RETURNS TABLE (savings_target numeric, pilot_ends_on date)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = operator, pg_temp AS $$
    SELECT c.savings_target, c.pilot_ends_on FROM operator.customers c
    WHERE c.org_id = nullif(current_setting('app.org', true), '')::uuid
$$;
REVOKE ALL ON FUNCTION tenant.pilot_target() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenant.pilot_target() TO plantintel_app, plantintel_worker;
