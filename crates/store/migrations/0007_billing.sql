CREATE TABLE operator.customers (
    org_id       uuid PRIMARY KEY REFERENCES tenant.orgs,
    name         text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
    contact_name text NOT NULL DEFAULT '' CHECK (char_length(contact_name) <= 200),
    contact_email text NOT NULL DEFAULT '' CHECK (char_length(contact_email) <= 320),
    contact_phone text NOT NULL DEFAULT '' CHECK (char_length(contact_phone) <= 60),
    address      text NOT NULL DEFAULT '' CHECK (char_length(address) <= 1000),
    notes        text NOT NULL DEFAULT '' CHECK (char_length(notes) <= 20000),
    plan         text NOT NULL DEFAULT 'pilot' CHECK (plan IN ('pilot', 'subscription')),
    status       text NOT NULL DEFAULT 'trial' CHECK (status IN ('trial', 'active', 'inactive')),
    csv_upload_limit bigint NOT NULL DEFAULT 10 CHECK (csv_upload_limit >= 0),
    savings_target numeric NOT NULL DEFAULT 50000 CHECK (savings_target >= 0),
    pilot_ends_on date,
    version      bigint NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE operator.customers IS 'What the operator knows of an organisation as its customer; no tenant role has a grant';
CREATE TRIGGER touch BEFORE UPDATE ON operator.customers FOR EACH ROW EXECUTE FUNCTION tenant.touch();
GRANT SELECT, INSERT, UPDATE, DELETE ON operator.customers TO plantintel_operator;

CREATE TABLE tenant.subscriptions (
    org_id           uuid PRIMARY KEY REFERENCES tenant.orgs,
    provider         text NOT NULL CHECK (char_length(provider) BETWEEN 1 AND 40),
    live             boolean NOT NULL,
    customer_ref     text NOT NULL CHECK (char_length(customer_ref) BETWEEN 1 AND 200),
    subscription_ref text CHECK (char_length(subscription_ref) BETWEEN 1 AND 200),
    status           text NOT NULL CHECK (char_length(status) BETWEEN 1 AND 60),
    plan             text NOT NULL REFERENCES catalog.plans (plan),
    period_start     timestamptz,
    period_end       timestamptz,
    cancels_at_period_end boolean NOT NULL DEFAULT false,
    provider_time    timestamptz NOT NULL,
    version          bigint NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at       timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON COLUMN tenant.subscriptions.status IS 'The provider''s word as given; what it entitles to is decided in code';
COMMENT ON COLUMN tenant.subscriptions.provider_time IS 'When the provider made this state; only a newer one replaces it';
CREATE UNIQUE INDEX ON tenant.subscriptions (provider, live, customer_ref);
SELECT tenant.protect('tenant.subscriptions');
CREATE TRIGGER touch BEFORE UPDATE ON tenant.subscriptions FOR EACH ROW EXECUTE FUNCTION tenant.touch();
GRANT SELECT, INSERT, UPDATE ON tenant.subscriptions TO plantintel_gate;
CREATE POLICY gate_reads ON tenant.subscriptions FOR SELECT TO plantintel_gate USING (true);
GRANT UPDATE (plan) ON tenant.orgs TO plantintel_gate;

CREATE TABLE account.webhook_events (
    provider    text NOT NULL CHECK (char_length(provider) BETWEEN 1 AND 40),
    live        boolean NOT NULL,
    event_id    text NOT NULL CHECK (char_length(event_id) BETWEEN 1 AND 200),
    type        text NOT NULL CHECK (char_length(type) BETWEEN 1 AND 200),
    org_id      uuid REFERENCES tenant.orgs,
    outcome     text NOT NULL CHECK (char_length(outcome) BETWEEN 1 AND 60),
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (provider, live, event_id)
);
GRANT SELECT, INSERT ON account.webhook_events TO plantintel_gate;

CREATE TABLE tenant.usage_events (
    org_id     uuid NOT NULL REFERENCES tenant.orgs,
    type       text NOT NULL CHECK (type IN ('csv_upload', 'csv_row_processed', 'analysis_run', 'analyzer_execution', 'chat_message',
        'ai_tokens_input', 'ai_tokens_output', 'mapping_profile_created', 'mapping_profile_used', 'export_pdf', 'export_csv', 'export_xlsx')),
    source     text NOT NULL CHECK (char_length(source) BETWEEN 1 AND 200),
    quantity   bigint NOT NULL CHECK (quantity >= 0),
    user_id    uuid,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, type, source)
);
COMMENT ON TABLE tenant.usage_events IS 'What was used, once per source: a retry cannot count twice';
CREATE INDEX ON tenant.usage_events (org_id, created_at);
SELECT tenant.protect('tenant.usage_events');
GRANT INSERT ON tenant.usage_events TO plantintel_app, plantintel_worker;

CREATE TABLE tenant.usage_counters (
    org_id       uuid NOT NULL REFERENCES tenant.orgs,
    meter        text NOT NULL CHECK (meter IN ('uploads', 'rows', 'analyses', 'chat_messages', 'ai_tokens', 'mapping_profiles')),
    period_start date NOT NULL,
    used         bigint NOT NULL CHECK (used >= 0),
    updated_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, meter, period_start)
);
COMMENT ON TABLE tenant.usage_counters IS 'Use per calendar month against the plan''s limits';
SELECT tenant.protect('tenant.usage_counters');
GRANT INSERT, UPDATE ON tenant.usage_counters TO plantintel_app, plantintel_worker;
