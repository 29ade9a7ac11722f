CREATE TABLE tenant.files (
    org_id         uuid NOT NULL REFERENCES tenant.orgs,
    id             uuid NOT NULL,
    name           text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 255),
    media_type     text NOT NULL DEFAULT '' CHECK (char_length(media_type) <= 200),
    state          text NOT NULL CHECK (state IN ('receiving', 'stored', 'refused', 'deleted')),
    object_key     text NOT NULL CHECK (char_length(object_key) BETWEEN 1 AND 500),
    declared_bytes bigint CHECK (declared_bytes >= 0),
    received_bytes bigint NOT NULL DEFAULT 0 CHECK (received_bytes >= 0),
    sha256         bytea CHECK (octet_length(sha256) = 32),
    reason         text CHECK (char_length(reason) <= 2000),
    uploaded_by    uuid,
    version        bigint NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, id),
    CHECK (state <> 'stored' OR sha256 IS NOT NULL)
);
COMMENT ON COLUMN tenant.files.object_key IS 'Opaque, made by the server; never the customer''s file name';
CREATE INDEX ON tenant.files (org_id, sha256) WHERE state = 'stored';
CREATE INDEX ON tenant.files (org_id, created_at, id);
SELECT tenant.protect('tenant.files');
CREATE TRIGGER touch BEFORE UPDATE ON tenant.files FOR EACH ROW EXECUTE FUNCTION tenant.touch();
GRANT INSERT, UPDATE, DELETE ON tenant.files TO plantintel_app, plantintel_worker;

CREATE TABLE tenant.mapping_profiles (
    org_id          uuid NOT NULL REFERENCES tenant.orgs,
    id              uuid NOT NULL,
    name            text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 50),
    description     text NOT NULL DEFAULT '' CHECK (char_length(description) <= 2000),
    source_system   text NOT NULL DEFAULT '' CHECK (char_length(source_system) <= 100),
    header_signature text NOT NULL DEFAULT '' CHECK (char_length(header_signature) <= 200),
    headers         text[] NOT NULL DEFAULT '{}' CHECK (cardinality(headers) <= 20000),
    active          boolean NOT NULL DEFAULT true,
    current_version bigint NOT NULL DEFAULT 0 CHECK (current_version >= 0),
    used            bigint NOT NULL DEFAULT 0 CHECK (used >= 0),
    succeeded       bigint NOT NULL DEFAULT 0 CHECK (succeeded >= 0),
    last_used_at    timestamptz,
    created_by      uuid,
    version         bigint NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, id)
);
COMMENT ON COLUMN tenant.mapping_profiles.header_signature IS 'Finds the profile again when a file with the same header comes';
CREATE INDEX ON tenant.mapping_profiles (org_id, header_signature);
CREATE INDEX ON tenant.mapping_profiles (org_id, created_at, id);
SELECT tenant.protect('tenant.mapping_profiles');
CREATE TRIGGER touch BEFORE UPDATE ON tenant.mapping_profiles FOR EACH ROW EXECUTE FUNCTION tenant.touch();
GRANT INSERT, UPDATE, DELETE ON tenant.mapping_profiles TO plantintel_app, plantintel_worker;

CREATE TABLE tenant.mapping_versions (
    org_id     uuid NOT NULL REFERENCES tenant.orgs,
    profile_id uuid NOT NULL,
    number     bigint NOT NULL CHECK (number >= 1),
    parent     bigint CHECK (parent >= 1),
    note       text NOT NULL DEFAULT '' CHECK (char_length(note) <= 2000),
    document   jsonb NOT NULL CHECK (pg_column_size(document) <= 4194304),
    created_by uuid,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, profile_id, number),
    FOREIGN KEY (org_id, profile_id) REFERENCES tenant.mapping_profiles ON DELETE CASCADE,
    FOREIGN KEY (org_id, profile_id, parent) REFERENCES tenant.mapping_versions
);
COMMENT ON TABLE tenant.mapping_versions IS 'Every saved state of a profile; never changed afterwards';
SELECT tenant.protect('tenant.mapping_versions');
GRANT INSERT ON tenant.mapping_versions TO plantintel_app, plantintel_worker;

CREATE TABLE tenant.datasets (
    org_id      uuid NOT NULL REFERENCES tenant.orgs,
    id          uuid NOT NULL,
    facility_id uuid,
    name        text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 255),
    state       text NOT NULL CHECK (state IN ('queued', 'reading', 'mapping', 'ready', 'failed', 'deleted')),
    reason      text CHECK (char_length(reason) <= 2000),
    rows        bigint NOT NULL DEFAULT 0 CHECK (rows >= 0),
    columns     bigint NOT NULL DEFAULT 0 CHECK (columns >= 0),
    source_system text NOT NULL DEFAULT '' CHECK (char_length(source_system) <= 100),
    granularity text NOT NULL DEFAULT '' CHECK (char_length(granularity) <= 40),
    document    jsonb NOT NULL DEFAULT '{}' CHECK (pg_column_size(document) <= 4194304),
    replaces_id uuid,
    created_by  uuid,
    version     bigint NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, facility_id) REFERENCES tenant.facilities,
    FOREIGN KEY (org_id, replaces_id) REFERENCES tenant.datasets
);
COMMENT ON TABLE tenant.datasets IS 'What one import made of its files; its id is the batch id';
CREATE INDEX ON tenant.datasets (org_id, created_at, id);
CREATE INDEX ON tenant.datasets (org_id, facility_id);
CREATE INDEX ON tenant.datasets (org_id, replaces_id);
SELECT tenant.protect('tenant.datasets');
CREATE TRIGGER touch BEFORE UPDATE ON tenant.datasets FOR EACH ROW EXECUTE FUNCTION tenant.touch();
GRANT INSERT, UPDATE, DELETE ON tenant.datasets TO plantintel_app, plantintel_worker;

CREATE TABLE tenant.dataset_files (
    org_id         uuid NOT NULL REFERENCES tenant.orgs,
    dataset_id     uuid NOT NULL,
    file_id        uuid NOT NULL,
    position       bigint NOT NULL CHECK (position >= 0),
    rows           bigint NOT NULL DEFAULT 0 CHECK (rows >= 0),
    columns        bigint NOT NULL DEFAULT 0 CHECK (columns >= 0),
    table_key      text CHECK (char_length(table_key) BETWEEN 1 AND 500),
    reading        jsonb NOT NULL DEFAULT '{}' CHECK (pg_column_size(reading) <= 8388608),
    mapping        jsonb CHECK (pg_column_size(mapping) <= 4194304),
    mapping_state  text NOT NULL DEFAULT 'none' CHECK (mapping_state IN ('none', 'proposed', 'confirmed')),
    profile_id     uuid,
    profile_number bigint,
    version        bigint NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, dataset_id, file_id),
    FOREIGN KEY (org_id, dataset_id) REFERENCES tenant.datasets ON DELETE CASCADE,
    FOREIGN KEY (org_id, file_id) REFERENCES tenant.files,
    FOREIGN KEY (org_id, profile_id, profile_number) REFERENCES tenant.mapping_versions,
    CHECK ((profile_id IS NULL) = (profile_number IS NULL))
);
COMMENT ON TABLE tenant.dataset_files IS 'The files of a dataset, how each was read and mapped, and where its table lies';
CREATE INDEX ON tenant.dataset_files (org_id, file_id);
CREATE INDEX ON tenant.dataset_files (org_id, profile_id, profile_number);
SELECT tenant.protect('tenant.dataset_files');
CREATE TRIGGER touch BEFORE UPDATE ON tenant.dataset_files FOR EACH ROW EXECUTE FUNCTION tenant.touch();
GRANT INSERT, UPDATE, DELETE ON tenant.dataset_files TO plantintel_app, plantintel_worker;
