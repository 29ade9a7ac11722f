CREATE TABLE tenant.analyzer_configurations (
    org_id      uuid NOT NULL REFERENCES tenant.orgs,
    id          uuid NOT NULL,
    facility_id uuid,
    name        text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
    preset      text NOT NULL CHECK (char_length(preset) BETWEEN 1 AND 40),
    settings    jsonb NOT NULL CHECK (jsonb_typeof(settings) = 'object' AND pg_column_size(settings) <= 262144),
    number      bigint NOT NULL DEFAULT 1 CHECK (number >= 1),
    version     bigint NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, facility_id) REFERENCES tenant.facilities
);
COMMENT ON TABLE tenant.analyzer_configurations IS 'Analyzer settings of the organisation (no facility) or of one facility';
CREATE UNIQUE INDEX ON tenant.analyzer_configurations (org_id, facility_id) WHERE facility_id IS NOT NULL;
CREATE UNIQUE INDEX ON tenant.analyzer_configurations (org_id) WHERE facility_id IS NULL;
SELECT tenant.protect('tenant.analyzer_configurations');
CREATE TRIGGER touch BEFORE UPDATE ON tenant.analyzer_configurations FOR EACH ROW EXECUTE FUNCTION tenant.touch();
GRANT INSERT, UPDATE, DELETE ON tenant.analyzer_configurations TO plantintel_app;

CREATE TABLE tenant.configuration_history (
    org_id           uuid NOT NULL REFERENCES tenant.orgs,
    configuration_id uuid NOT NULL,
    number           bigint NOT NULL CHECK (number >= 1),
    preset           text NOT NULL CHECK (char_length(preset) BETWEEN 1 AND 40),
    settings         jsonb NOT NULL CHECK (jsonb_typeof(settings) = 'object' AND pg_column_size(settings) <= 262144),
    note             text NOT NULL DEFAULT '' CHECK (char_length(note) <= 2000),
    changed_by       uuid,
    created_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, configuration_id, number),
    FOREIGN KEY (org_id, configuration_id) REFERENCES tenant.analyzer_configurations ON DELETE CASCADE
);
SELECT tenant.protect('tenant.configuration_history');
GRANT INSERT ON tenant.configuration_history TO plantintel_app;

CREATE TABLE tenant.analyses (
    org_id           uuid NOT NULL REFERENCES tenant.orgs,
    id               uuid NOT NULL,
    facility_id      uuid,
    repeats_id       uuid,
    configuration_id uuid,
    configuration_number bigint,
    name             text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 255),
    state            text NOT NULL CHECK (state IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
    reason           text CHECK (char_length(reason) <= 2000),
    settings         jsonb NOT NULL CHECK (jsonb_typeof(settings) = 'object' AND pg_column_size(settings) <= 262144),
    progress         jsonb NOT NULL DEFAULT '{}' CHECK (pg_column_size(progress) <= 16384),
    data_tier        smallint CHECK (data_tier BETWEEN 0 AND 4),
    analyzers_run    text[] NOT NULL DEFAULT '{}' CHECK (cardinality(analyzers_run) <= 1000),
    currency         text CHECK (char_length(currency) <= 8),
    rows_read        bigint NOT NULL DEFAULT 0 CHECK (rows_read >= 0),
    rows_used        bigint NOT NULL DEFAULT 0 CHECK (rows_used >= 0),
    planned_cost     numeric,
    actual_cost      numeric,
    variance         numeric,
    explained        numeric,
    remainder        numeric,
    findings         bigint NOT NULL DEFAULT 0 CHECK (findings >= 0),
    document         jsonb NOT NULL DEFAULT '{}' CHECK (pg_column_size(document) <= 16777216),
    document_key     text CHECK (char_length(document_key) BETWEEN 1 AND 500),
    created_by       uuid,
    queued_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at       timestamptz,
    finished_at      timestamptz,
    version          bigint NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, facility_id) REFERENCES tenant.facilities,
    FOREIGN KEY (org_id, repeats_id) REFERENCES tenant.analyses,
    FOREIGN KEY (org_id, configuration_id, configuration_number) REFERENCES tenant.configuration_history,
    CHECK ((configuration_id IS NULL) = (configuration_number IS NULL)),
    CHECK ((state IN ('completed', 'failed', 'cancelled')) = (finished_at IS NOT NULL))
);
COMMENT ON COLUMN tenant.analyses.settings IS 'The settings as used, whole, so that a result explains itself after later changes';
COMMENT ON COLUMN tenant.analyses.document IS 'What is shown but not queried: KPIs, guidance, skipped analyzers, charts';
CREATE INDEX ON tenant.analyses (org_id, created_at, id);
CREATE INDEX ON tenant.analyses (org_id, facility_id);
CREATE INDEX ON tenant.analyses (org_id, repeats_id);
CREATE INDEX ON tenant.analyses (org_id, configuration_id, configuration_number);
SELECT tenant.protect('tenant.analyses');
CREATE TRIGGER touch BEFORE UPDATE ON tenant.analyses FOR EACH ROW EXECUTE FUNCTION tenant.touch();
GRANT INSERT, UPDATE, DELETE ON tenant.analyses TO plantintel_app, plantintel_worker;

CREATE TABLE tenant.analysis_datasets (
    org_id      uuid NOT NULL REFERENCES tenant.orgs,
    analysis_id uuid NOT NULL,
    dataset_id  uuid NOT NULL,
    position    bigint NOT NULL CHECK (position >= 0),
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, analysis_id, dataset_id),
    FOREIGN KEY (org_id, analysis_id) REFERENCES tenant.analyses ON DELETE CASCADE,
    FOREIGN KEY (org_id, dataset_id) REFERENCES tenant.datasets
);
CREATE INDEX ON tenant.analysis_datasets (org_id, dataset_id);
SELECT tenant.protect('tenant.analysis_datasets');
GRANT INSERT, DELETE ON tenant.analysis_datasets TO plantintel_app, plantintel_worker;

CREATE TABLE tenant.findings (
    org_id       uuid NOT NULL REFERENCES tenant.orgs,
    id           uuid NOT NULL,
    analysis_id  uuid NOT NULL,
    key          text NOT NULL CHECK (char_length(key) BETWEEN 1 AND 200),
    position     bigint NOT NULL CHECK (position >= 0),
    type         text NOT NULL CHECK (char_length(type) BETWEEN 1 AND 60),
    analyzer     text NOT NULL CHECK (char_length(analyzer) BETWEEN 1 AND 60),
    title        text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 1000),
    priority     smallint NOT NULL CHECK (priority BETWEEN 0 AND 100),
    grade        text NOT NULL CHECK (char_length(grade) BETWEEN 1 AND 40),
    currency     text CHECK (char_length(currency) <= 8),
    impact       numeric,
    impact_low   numeric,
    impact_high  numeric,
    annualized   numeric,
    addressable  numeric,
    effect       double precision,
    effect_low   double precision,
    effect_high  double precision,
    p            double precision,
    q            double precision,
    units        bigint NOT NULL DEFAULT 0 CHECK (units >= 0),
    start_on     date,
    document     jsonb NOT NULL CHECK (pg_column_size(document) <= 1048576),
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, analysis_id, key),
    FOREIGN KEY (org_id, analysis_id) REFERENCES tenant.analyses ON DELETE CASCADE
);
COMMENT ON COLUMN tenant.findings.key IS 'The finding''s id that stays when the analysis is run again';
CREATE INDEX ON tenant.findings (org_id, analysis_id, priority DESC, id);
CREATE INDEX ON tenant.findings (org_id, key);
SELECT tenant.protect('tenant.findings');
GRANT INSERT, DELETE ON tenant.findings TO plantintel_worker;

CREATE TABLE tenant.finding_entities (
    org_id     uuid NOT NULL REFERENCES tenant.orgs,
    finding_id uuid NOT NULL,
    position   bigint NOT NULL CHECK (position >= 0),
    field      text NOT NULL CHECK (char_length(field) BETWEEN 1 AND 100),
    value      text NOT NULL CHECK (char_length(value) <= 1000),
    PRIMARY KEY (org_id, finding_id, position),
    FOREIGN KEY (org_id, finding_id) REFERENCES tenant.findings ON DELETE CASCADE
);
CREATE INDEX ON tenant.finding_entities (org_id, field, value);
SELECT tenant.protect('tenant.finding_entities');
GRANT INSERT, DELETE ON tenant.finding_entities TO plantintel_worker;

CREATE TABLE tenant.finding_evidence (
    org_id     uuid NOT NULL REFERENCES tenant.orgs,
    finding_id uuid NOT NULL,
    position   bigint NOT NULL CHECK (position >= 0),
    file_id    uuid,
    file_name  text NOT NULL CHECK (char_length(file_name) <= 255),
    file_row   bigint NOT NULL CHECK (file_row >= 0),
    cells      jsonb NOT NULL DEFAULT '{}' CHECK (pg_column_size(cells) <= 65536),
    PRIMARY KEY (org_id, finding_id, position),
    FOREIGN KEY (org_id, finding_id) REFERENCES tenant.findings ON DELETE CASCADE,
    FOREIGN KEY (org_id, file_id) REFERENCES tenant.files
);
COMMENT ON TABLE tenant.finding_evidence IS 'The rows of the customer''s files that a figure rests on';
CREATE INDEX ON tenant.finding_evidence (org_id, file_id);
SELECT tenant.protect('tenant.finding_evidence');
GRANT INSERT, DELETE ON tenant.finding_evidence TO plantintel_worker;

CREATE TABLE tenant.finding_status (
    org_id      uuid NOT NULL REFERENCES tenant.orgs,
    key         text NOT NULL CHECK (char_length(key) BETWEEN 1 AND 200),
    status      text NOT NULL CHECK (status IN ('new', 'accepted', 'in_progress', 'done', 'verified', 'not_confirmed', 'dismissed')),
    owner_id    uuid,
    due_on      date,
    reason      text NOT NULL DEFAULT '' CHECK (char_length(reason) <= 2000),
    currency    text CHECK (char_length(currency) <= 8),
    expected    numeric CHECK (expected >= 0),
    captured    numeric,
    version     bigint NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, key)
);
COMMENT ON TABLE tenant.finding_status IS 'What people decided about a finding; keyed by the stable key, so it outlives a re-run';
CREATE INDEX ON tenant.finding_status (org_id, status);
SELECT tenant.protect('tenant.finding_status');
CREATE TRIGGER touch BEFORE UPDATE ON tenant.finding_status FOR EACH ROW EXECUTE FUNCTION tenant.touch();
GRANT INSERT, UPDATE ON tenant.finding_status TO plantintel_app, plantintel_worker;

CREATE TABLE tenant.finding_history (
    org_id     uuid NOT NULL REFERENCES tenant.orgs,
    key        text NOT NULL,
    number     bigint NOT NULL CHECK (number >= 1),
    status     text NOT NULL CHECK (char_length(status) BETWEEN 1 AND 40),
    owner_id   uuid,
    due_on     date,
    reason     text NOT NULL CHECK (char_length(reason) <= 2000),
    captured   numeric,
    changed_by uuid,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, key, number),
    FOREIGN KEY (org_id, key) REFERENCES tenant.finding_status
);
SELECT tenant.protect('tenant.finding_history');
GRANT INSERT ON tenant.finding_history TO plantintel_app, plantintel_worker;

CREATE TABLE tenant.reviews (
    org_id       uuid NOT NULL REFERENCES tenant.orgs,
    analysis_id  uuid NOT NULL,
    state        text NOT NULL CHECK (state IN ('pending', 'in_review', 'approved', 'published')),
    reviewer_id  uuid,
    checklist    jsonb NOT NULL DEFAULT '{}' CHECK (pg_column_size(checklist) <= 16384),
    notes        text NOT NULL DEFAULT '' CHECK (char_length(notes) <= 20000),
    published_at timestamptz,
    version      bigint NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, analysis_id),
    FOREIGN KEY (org_id, analysis_id) REFERENCES tenant.analyses ON DELETE CASCADE
);
CREATE INDEX ON tenant.reviews (org_id, state, created_at);
SELECT tenant.protect('tenant.reviews');
CREATE TRIGGER touch BEFORE UPDATE ON tenant.reviews FOR EACH ROW EXECUTE FUNCTION tenant.touch();
GRANT INSERT, UPDATE ON tenant.reviews TO plantintel_app, plantintel_worker;
