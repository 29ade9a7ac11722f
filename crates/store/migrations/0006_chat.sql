CREATE TABLE tenant.conversations (
    org_id      uuid NOT NULL REFERENCES tenant.orgs,
    id          uuid NOT NULL,
    user_id     uuid NOT NULL,
    analysis_id uuid,
    title       text NOT NULL DEFAULT '' CHECK (char_length(title) <= 200),
    messages    bigint NOT NULL DEFAULT 0 CHECK (messages >= 0),
    version     bigint NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, analysis_id) REFERENCES tenant.analyses ON DELETE CASCADE
);
CREATE INDEX ON tenant.conversations (org_id, user_id, updated_at, id);
CREATE INDEX ON tenant.conversations (org_id, analysis_id);
SELECT tenant.protect('tenant.conversations');
CREATE TRIGGER touch BEFORE UPDATE ON tenant.conversations FOR EACH ROW EXECUTE FUNCTION tenant.touch();
GRANT INSERT, UPDATE, DELETE ON tenant.conversations TO plantintel_app;

CREATE TABLE tenant.messages (
    org_id          uuid NOT NULL REFERENCES tenant.orgs,
    conversation_id uuid NOT NULL,
    number          bigint NOT NULL CHECK (number >= 1),
    author          text NOT NULL CHECK (author IN ('user', 'assistant', 'tool')),
    body            text NOT NULL CHECK (char_length(body) <= 32768),
    document        jsonb NOT NULL DEFAULT '{}' CHECK (pg_column_size(document) <= 1048576),
    tokens_in       bigint NOT NULL DEFAULT 0 CHECK (tokens_in >= 0),
    tokens_out      bigint NOT NULL DEFAULT 0 CHECK (tokens_out >= 0),
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, conversation_id, number),
    FOREIGN KEY (org_id, conversation_id) REFERENCES tenant.conversations ON DELETE CASCADE
);
SELECT tenant.protect('tenant.messages');
GRANT INSERT, DELETE ON tenant.messages TO plantintel_app;
