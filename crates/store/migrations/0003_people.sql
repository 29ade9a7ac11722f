-- People, before any organisation is known.
CREATE TABLE account.users (
    id            uuid PRIMARY KEY,
    email         text NOT NULL CHECK (char_length(email) BETWEEN 1 AND 320),
    email_key     text NOT NULL UNIQUE CHECK (char_length(email_key) BETWEEN 1 AND 320),
    name          text NOT NULL DEFAULT '' CHECK (char_length(name) <= 200),
    password_hash text CHECK (char_length(password_hash) <= 500),
    totp_secret   bytea CHECK (octet_length(totp_secret) <= 256),
    totp_confirmed_at timestamptz,
    totp_last_step bigint NOT NULL DEFAULT 0 CHECK (totp_last_step >= 0),
    recovery_code_hashes bytea[] NOT NULL DEFAULT '{}' CHECK (cardinality(recovery_code_hashes) <= 20),
    email_verified_at timestamptz,
    disabled_at   timestamptz,
    last_signed_in_at timestamptz,
    version       bigint NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON COLUMN account.users.email_key IS 'The address as compared: folded by the caller';
COMMENT ON COLUMN account.users.totp_last_step IS 'The last time step that was accepted, so that a code works once';
CREATE TRIGGER touch BEFORE UPDATE ON account.users FOR EACH ROW EXECUTE FUNCTION tenant.touch();

CREATE TABLE account.identities (
    issuer     text NOT NULL CHECK (char_length(issuer) BETWEEN 1 AND 500),
    subject    text NOT NULL CHECK (char_length(subject) BETWEEN 1 AND 500),
    user_id    uuid NOT NULL REFERENCES account.users ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (issuer, subject)
);
COMMENT ON TABLE account.identities IS 'A principal of a token issuer; a subject means nothing without its issuer';
CREATE INDEX ON account.identities (user_id);

CREATE TABLE account.sessions (
    id           uuid PRIMARY KEY,
    token_hash   bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    user_id      uuid NOT NULL REFERENCES account.users ON DELETE CASCADE,
    org_id       uuid NOT NULL REFERENCES tenant.orgs,
    user_agent   text NOT NULL DEFAULT '' CHECK (char_length(user_agent) <= 400),
    address      text NOT NULL DEFAULT '' CHECK (char_length(address) <= 64),
    second_factor_at timestamptz,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_seen_at timestamptz NOT NULL,
    idle_expires_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL
);
COMMENT ON TABLE account.sessions IS 'Signed-in browsers; only the hash of a token is kept';
CREATE INDEX ON account.sessions (user_id);
CREATE INDEX ON account.sessions (expires_at);

CREATE TABLE account.one_time_links (
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    purpose    text NOT NULL CHECK (purpose IN ('first_sign_in', 'sign_in', 'reset_password', 'verify_email')),
    user_id    uuid NOT NULL REFERENCES account.users ON DELETE CASCADE,
    detail     text NOT NULL DEFAULT '' CHECK (char_length(detail) <= 500),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX ON account.one_time_links (user_id);

CREATE TABLE account.throttle (
    key          text PRIMARY KEY CHECK (char_length(key) BETWEEN 1 AND 200),
    failures     bigint NOT NULL CHECK (failures >= 0),
    first_at     timestamptz NOT NULL,
    last_at      timestamptz NOT NULL,
    locked_until timestamptz NOT NULL
);
COMMENT ON TABLE account.throttle IS 'Failed sign-ins per account and per address; keys are made by the caller';

CREATE TABLE account.login_attempts (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at        timestamptz NOT NULL,
    account   text NOT NULL CHECK (char_length(account) <= 200),
    address   text NOT NULL CHECK (char_length(address) <= 64),
    outcome   text NOT NULL CHECK (char_length(outcome) BETWEEN 1 AND 60)
);
COMMENT ON COLUMN account.login_attempts.account IS 'A keyed hash of the name that was tried, never the name';
CREATE INDEX ON account.login_attempts (at);

GRANT SELECT, INSERT, UPDATE, DELETE ON account.users, account.identities, account.sessions, account.one_time_links,
    account.throttle TO plantintel_gate;
GRANT SELECT, INSERT, DELETE ON account.login_attempts TO plantintel_gate;

CREATE TABLE tenant.memberships (
    org_id      uuid NOT NULL REFERENCES tenant.orgs,
    user_id     uuid NOT NULL REFERENCES account.users,
    role        text NOT NULL CHECK (role IN ('viewer', 'analyst', 'reviewer', 'admin', 'owner')),
    source      text NOT NULL DEFAULT 'local' CHECK (source IN ('local', 'issuer')),
    email       text NOT NULL CHECK (char_length(email) BETWEEN 1 AND 320),
    name        text NOT NULL DEFAULT '' CHECK (char_length(name) <= 200),
    title       text NOT NULL DEFAULT '' CHECK (char_length(title) <= 200),
    phone       text NOT NULL DEFAULT '' CHECK (char_length(phone) <= 60),
    department  text NOT NULL DEFAULT '' CHECK (char_length(department) <= 200),
    preferences jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(preferences) = 'object' AND pg_column_size(preferences) <= 16384),
    version     bigint NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, user_id)
);
COMMENT ON TABLE tenant.memberships IS 'Who belongs to an organisation, and the profile shown there: the organisation never reads account.users';
CREATE INDEX ON tenant.memberships (user_id);
SELECT tenant.protect('tenant.memberships');
CREATE TRIGGER touch BEFORE UPDATE ON tenant.memberships FOR EACH ROW EXECUTE FUNCTION tenant.touch();
GRANT UPDATE (role, name, title, phone, department, preferences), DELETE ON tenant.memberships TO plantintel_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON tenant.memberships TO plantintel_gate;
CREATE POLICY gate_reads ON tenant.memberships FOR SELECT TO plantintel_gate USING (true);

CREATE TABLE tenant.invitations (
    org_id      uuid NOT NULL REFERENCES tenant.orgs,
    id          uuid NOT NULL,
    email       text NOT NULL CHECK (char_length(email) BETWEEN 1 AND 320),
    email_key   text NOT NULL CHECK (char_length(email_key) BETWEEN 1 AND 320),
    role        text NOT NULL CHECK (role IN ('viewer', 'analyst', 'reviewer', 'admin', 'owner')),
    token_hash  bytea NOT NULL CHECK (octet_length(token_hash) = 32),
    invited_by  uuid NOT NULL,
    accepted_at timestamptz,
    expires_at  timestamptz NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX ON tenant.invitations (org_id, email_key) WHERE accepted_at IS NULL;
CREATE INDEX ON tenant.invitations (token_hash);
SELECT tenant.protect('tenant.invitations');
GRANT INSERT, DELETE ON tenant.invitations TO plantintel_app;
GRANT SELECT, UPDATE (accepted_at) ON tenant.invitations TO plantintel_gate;
CREATE POLICY gate_reads ON tenant.invitations FOR SELECT TO plantintel_gate USING (true);

CREATE TABLE tenant.api_keys (
    org_id       uuid NOT NULL REFERENCES tenant.orgs,
    id           uuid NOT NULL,
    name         text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
    prefix       text NOT NULL CHECK (char_length(prefix) BETWEEN 4 AND 40),
    key_hash     bytea NOT NULL CHECK (octet_length(key_hash) = 32),
    role         text NOT NULL CHECK (role IN ('viewer', 'analyst', 'reviewer', 'admin', 'owner')),
    scopes       text[] NOT NULL DEFAULT '{}' CHECK (cardinality(scopes) <= 50),
    created_by   uuid NOT NULL,
    expires_at   timestamptz,
    revoked_at   timestamptz,
    last_used_at timestamptz,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, id)
);
COMMENT ON TABLE tenant.api_keys IS 'Keys for programs; only the hash is kept, the prefix is shown';
CREATE INDEX ON tenant.api_keys (key_hash);
CREATE INDEX ON tenant.api_keys (org_id, created_at, id);
SELECT tenant.protect('tenant.api_keys');
GRANT INSERT, UPDATE (name, revoked_at) ON tenant.api_keys TO plantintel_app;
GRANT SELECT, UPDATE (last_used_at) ON tenant.api_keys TO plantintel_gate;
CREATE POLICY gate_reads ON tenant.api_keys FOR SELECT TO plantintel_gate USING (true);
