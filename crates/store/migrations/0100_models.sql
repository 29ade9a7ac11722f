-- The language model of an organisation's choice: whether it is asked, where, with which key, and what it may cost. Off until somebody
-- of the organisation switches it on.
CREATE TABLE tenant.models (
    org_id        uuid PRIMARY KEY REFERENCES tenant.orgs,
    answers       boolean NOT NULL DEFAULT false,
    mapping       boolean NOT NULL DEFAULT false,
    provider      text NOT NULL CHECK (provider IN ('openai', 'anthropic')),
    address       text NOT NULL DEFAULT '' CHECK (char_length(address) <= 500),
    model         text NOT NULL CHECK (char_length(model) BETWEEN 1 AND 200),
    secret        bytea CHECK (octet_length(secret) BETWEEN 1 AND 2000),
    tokens_max    bigint CHECK (tokens_max >= 0),
    money_max     numeric CHECK (money_max >= 0),
    price_read    numeric CHECK (price_read >= 0),
    price_written numeric CHECK (price_written >= 0),
    patience_seconds bigint NOT NULL DEFAULT 8 CHECK (patience_seconds BETWEEN 1 AND 60),
    version       bigint NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK (money_max IS NULL OR (price_read IS NOT NULL AND price_written IS NOT NULL))
);
COMMENT ON TABLE tenant.models IS 'The language model of an organisation; no row means that nothing leaves the installation';
COMMENT ON COLUMN tenant.models.address IS 'Up to and with /v1; empty for the address of the installation or of the provider';
COMMENT ON COLUMN tenant.models.secret IS 'The provider''s key, sealed with the key of the installation';
COMMENT ON COLUMN tenant.models.price_read IS 'Of a million tokens, in the currency of money_max';
SELECT tenant.protect('tenant.models');
CREATE TRIGGER touch BEFORE UPDATE ON tenant.models FOR EACH ROW EXECUTE FUNCTION tenant.touch();
GRANT INSERT, UPDATE, DELETE ON tenant.models TO plantintel_app;

-- What was spent in a month. A call takes the most that it may cost before it is made and gives back what it did not; a call of which
-- nothing was heard again has taken all.
CREATE TABLE tenant.model_spending (
    org_id       uuid NOT NULL REFERENCES tenant.orgs,
    period_start date NOT NULL,
    tokens       bigint NOT NULL CHECK (tokens >= 0),
    money        numeric NOT NULL CHECK (money >= 0),
    calls        bigint NOT NULL DEFAULT 0 CHECK (calls >= 0),
    updated_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, period_start)
);
COMMENT ON TABLE tenant.model_spending IS 'Tokens and money of language models per calendar month, reserved and used';
SELECT tenant.protect('tenant.model_spending');
GRANT INSERT, UPDATE ON tenant.model_spending TO plantintel_app, plantintel_worker;
