-- Where uploads come from by themselves: a watched folder, a bucket, or a program that pushes. A file is taken once, by what it
-- is called and how it looked; what came of it stands beside it.
CREATE TABLE tenant.sources (
    org_id        uuid NOT NULL REFERENCES tenant.orgs,
    id            uuid NOT NULL,
    name          text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
    kind          text NOT NULL CHECK (kind IN ('folder', 's3', 'push')),
    place         text NOT NULL DEFAULT '' CHECK (char_length(place) <= 1000),
    secret        bytea CHECK (octet_length(secret) <= 4096),
    facility_id   uuid,
    every_minutes bigint NOT NULL DEFAULT 15 CHECK (every_minutes >= 1),
    active        boolean NOT NULL DEFAULT true,
    next_at       timestamptz NOT NULL,
    looked_at     timestamptz,
    trouble       text NOT NULL DEFAULT '' CHECK (char_length(trouble) <= 1000),
    created_by    uuid,
    version       bigint NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, facility_id) REFERENCES tenant.facilities
);
COMMENT ON COLUMN tenant.sources.secret IS 'Keys of a bucket, sealed with the key of the installation';
CREATE INDEX ON tenant.sources (org_id, facility_id);
SELECT tenant.protect('tenant.sources');
CREATE TRIGGER touch BEFORE UPDATE ON tenant.sources FOR EACH ROW EXECUTE FUNCTION tenant.touch();
GRANT INSERT, UPDATE, DELETE ON tenant.sources TO plantintel_app;
GRANT UPDATE (next_at, looked_at, trouble) ON tenant.sources TO plantintel_worker;

CREATE TABLE tenant.source_files (
    org_id      uuid NOT NULL REFERENCES tenant.orgs,
    source_id   uuid NOT NULL,
    name        text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 500),
    mark        text NOT NULL CHECK (char_length(mark) <= 200),
    dataset_id  uuid,
    state       text NOT NULL CHECK (state IN ('taken', 'analyzed', 'waiting', 'refused')),
    reason      text NOT NULL DEFAULT '' CHECK (char_length(reason) <= 1000),
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    version     bigint NOT NULL DEFAULT 1 CHECK (version >= 1),
    PRIMARY KEY (org_id, source_id, name, mark),
    FOREIGN KEY (org_id, source_id) REFERENCES tenant.sources ON DELETE CASCADE
);
COMMENT ON COLUMN tenant.source_files.mark IS 'Size and time, or the store''s own mark: a file that changed is another one';
CREATE INDEX ON tenant.source_files (org_id, source_id, created_at);
CREATE INDEX ON tenant.source_files (org_id, dataset_id);
SELECT tenant.protect('tenant.source_files');
CREATE TRIGGER touch BEFORE UPDATE ON tenant.source_files FOR EACH ROW EXECUTE FUNCTION tenant.touch();
GRANT INSERT, UPDATE ON tenant.source_files TO plantintel_app, plantintel_worker;
