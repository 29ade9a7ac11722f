-- Links that show one analysis, or one finding of it, to somebody who has no account. Only the hash of the token is kept; whoever
-- has the link sees that one thing until it ends, is revoked, or its analysis goes.
CREATE TABLE tenant.shares (
    org_id         uuid NOT NULL REFERENCES tenant.orgs,
    id             uuid NOT NULL,
    analysis_id    uuid NOT NULL,
    finding_id     uuid,
    token_hash     bytea NOT NULL CHECK (octet_length(token_hash) = 32),
    password_hash  text CHECK (char_length(password_hash) BETWEEN 1 AND 500),
    created_by     uuid,
    expires_at     timestamptz NOT NULL,
    revoked_at     timestamptz,
    opened         bigint NOT NULL DEFAULT 0 CHECK (opened >= 0),
    last_opened_at timestamptz,
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, analysis_id) REFERENCES tenant.analyses ON DELETE CASCADE,
    FOREIGN KEY (org_id, finding_id) REFERENCES tenant.findings ON DELETE CASCADE
);
COMMENT ON TABLE tenant.shares IS 'Links that show one analysis or finding without an account';
COMMENT ON COLUMN tenant.shares.finding_id IS 'Where set, this finding alone is shown';
CREATE INDEX ON tenant.shares (token_hash);
CREATE INDEX ON tenant.shares (org_id, created_at, id);
CREATE INDEX ON tenant.shares (org_id, analysis_id);
CREATE INDEX ON tenant.shares (org_id, finding_id);
SELECT tenant.protect('tenant.shares');
GRANT INSERT, UPDATE (revoked_at) ON tenant.shares TO plantintel_app;
GRANT SELECT, UPDATE (opened, last_opened_at) ON tenant.shares TO plantintel_gate;
CREATE POLICY gate_reads ON tenant.shares FOR SELECT TO plantintel_gate USING (true);
