-- Pieces of uploads that are under way. The key is where a piece begins, so of two senders of one piece only one is kept.
CREATE TABLE tenant.file_pieces (
    org_id     uuid NOT NULL REFERENCES tenant.orgs,
    file_id    uuid NOT NULL,
    start      bigint NOT NULL CHECK (start >= 0),
    bytes      bigint NOT NULL CHECK (bytes >= 1),
    object_key text NOT NULL CHECK (char_length(object_key) BETWEEN 1 AND 500),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, file_id, start),
    FOREIGN KEY (org_id, file_id) REFERENCES tenant.files ON DELETE CASCADE
);
COMMENT ON TABLE tenant.file_pieces IS 'Where the pieces of an upload lie until it is complete';
SELECT tenant.protect('tenant.file_pieces');
GRANT INSERT, DELETE ON tenant.file_pieces TO plantintel_app, plantintel_worker;

-- The highest tier is the one with maintenance, energy, price standards and a calendar.
ALTER TABLE tenant.analyses DROP CONSTRAINT analyses_data_tier_check;
ALTER TABLE tenant.analyses ADD CONSTRAINT analyses_data_tier_check CHECK (data_tier BETWEEN 0 AND 5);
