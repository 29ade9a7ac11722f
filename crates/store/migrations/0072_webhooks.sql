-- Where an organisation's own programs are told things, and what came of each message.
CREATE TABLE tenant.webhook_endpoints (
    org_id     uuid NOT NULL REFERENCES tenant.orgs,
    id         uuid NOT NULL,
    url        text NOT NULL CHECK (char_length(url) BETWEEN 1 AND 2000),
    types      text[] NOT NULL DEFAULT '{}' CHECK (cardinality(types) <= 50),
    secret     bytea NOT NULL CHECK (octet_length(secret) BETWEEN 1 AND 500),
    active     boolean NOT NULL DEFAULT true,
    created_by uuid,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, id)
);
COMMENT ON COLUMN tenant.webhook_endpoints.types IS 'What it wants to be told; none is everything';
COMMENT ON COLUMN tenant.webhook_endpoints.secret IS 'Sealed with the key of the installation';
SELECT tenant.protect('tenant.webhook_endpoints');
GRANT INSERT, UPDATE, DELETE ON tenant.webhook_endpoints TO plantintel_app;

CREATE TABLE tenant.webhook_deliveries (
    org_id       uuid NOT NULL REFERENCES tenant.orgs,
    id           uuid NOT NULL,
    endpoint_id  uuid NOT NULL,
    notice_id    uuid NOT NULL,
    state        text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed')),
    attempts     bigint NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    status       smallint NOT NULL DEFAULT 0 CHECK (status BETWEEN 0 AND 599),
    answer       text NOT NULL DEFAULT '' CHECK (char_length(answer) <= 1000),
    attempted_at timestamptz,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, endpoint_id) REFERENCES tenant.webhook_endpoints ON DELETE CASCADE,
    FOREIGN KEY (org_id, notice_id) REFERENCES tenant.notices ON DELETE CASCADE
);
COMMENT ON TABLE tenant.webhook_deliveries IS 'One message to one endpoint, with what its last attempt brought';
CREATE UNIQUE INDEX ON tenant.webhook_deliveries (org_id, endpoint_id, notice_id);
CREATE INDEX ON tenant.webhook_deliveries (org_id, notice_id);
CREATE INDEX ON tenant.webhook_deliveries (org_id, created_at, id);
SELECT tenant.protect('tenant.webhook_deliveries');
GRANT INSERT, UPDATE ON tenant.webhook_deliveries TO plantintel_worker;
GRANT UPDATE (state) ON tenant.webhook_deliveries TO plantintel_app;
