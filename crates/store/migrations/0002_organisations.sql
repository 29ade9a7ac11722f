-- Limits are data, so that an operator can change them. Null is no limit.
CREATE TABLE catalog.plans (
    plan             text PRIMARY KEY CHECK (plan ~ '^[a-z_]{1,40}$'),
    uploads          bigint CHECK (uploads >= 0),
    rows             bigint CHECK (rows >= 0),
    analyses         bigint CHECK (analyses >= 0),
    chat_messages    bigint CHECK (chat_messages >= 0),
    ai_tokens        bigint CHECK (ai_tokens >= 0),
    mapping_profiles bigint CHECK (mapping_profiles >= 0)
);
COMMENT ON TABLE catalog.plans IS 'Plans and their limits per calendar month';
INSERT INTO catalog.plans VALUES
    ('unlimited', NULL, NULL, NULL, NULL, NULL, NULL),
    ('trial', 5, 1000, 10, 50, 100000, 3),
    ('pilot', 50, 50000, 100, 500, 1000000, 20),
    ('starter', 100, 1000000, 200, 1000, 2000000, 50),
    ('professional', 500, 20000000, 1000, 5000, 10000000, 200),
    ('enterprise', NULL, NULL, NULL, NULL, NULL, NULL);
GRANT SELECT ON catalog.plans TO plantintel_app, plantintel_worker, plantintel_gate, plantintel_operator;
GRANT INSERT, UPDATE ON catalog.plans TO plantintel_operator;

CREATE TABLE tenant.orgs (
    org_id       uuid PRIMARY KEY,
    name         text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
    kind         text NOT NULL CHECK (kind IN ('company', 'personal', 'demo', 'installation')),
    plan         text NOT NULL DEFAULT 'unlimited' REFERENCES catalog.plans (plan),
    state        text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended', 'closed')),
    external_id  text UNIQUE CHECK (char_length(external_id) BETWEEN 1 AND 200),
    profile      jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(profile) = 'object' AND pg_column_size(profile) <= 65536),
    onboarded_at timestamptz,
    version      bigint NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE tenant.orgs IS 'The tenant; a personal workspace is one too';
COMMENT ON COLUMN tenant.orgs.external_id IS 'The issuer''s id of the organisation, made of issuer and id by the caller';
COMMENT ON COLUMN tenant.orgs.profile IS 'Company form: size, industry, revenue band, contact, phone, address';
SELECT tenant.protect('tenant.orgs');
CREATE TRIGGER touch BEFORE UPDATE ON tenant.orgs FOR EACH ROW EXECUTE FUNCTION tenant.touch();
GRANT UPDATE (name, profile, onboarded_at) ON tenant.orgs TO plantintel_app;
GRANT SELECT, INSERT ON tenant.orgs TO plantintel_gate;
GRANT UPDATE (plan, state, name) ON tenant.orgs TO plantintel_operator;
CREATE POLICY gate_reads ON tenant.orgs FOR SELECT TO plantintel_gate USING (true);

CREATE TABLE tenant.facilities (
    org_id     uuid NOT NULL REFERENCES tenant.orgs,
    id         uuid NOT NULL,
    name       text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
    code       text CHECK (char_length(code) BETWEEN 1 AND 100),
    time_zone  text NOT NULL DEFAULT 'UTC' CHECK (char_length(time_zone) BETWEEN 1 AND 100),
    currency   text NOT NULL DEFAULT 'USD' CHECK (currency ~ '^[A-Z]{3}$'),
    archived_at timestamptz,
    version    bigint NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, id)
);
COMMENT ON TABLE tenant.facilities IS 'Plants of an organisation';
CREATE UNIQUE INDEX ON tenant.facilities (org_id, lower(name)) WHERE archived_at IS NULL;
SELECT tenant.protect('tenant.facilities');
CREATE TRIGGER touch BEFORE UPDATE ON tenant.facilities FOR EACH ROW EXECUTE FUNCTION tenant.touch();
GRANT INSERT, UPDATE, DELETE ON tenant.facilities TO plantintel_app;
