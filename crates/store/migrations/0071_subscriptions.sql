-- What the payment provider said of each subscription. Events come in any order and more than once: each subscription keeps the
-- newest state that was heard of it, and what the organisation has (tenant.subscriptions) is chosen from these, so that the
-- end of an old subscription does not end a newer one.
CREATE TABLE account.subscription_states (
    provider         text NOT NULL CHECK (char_length(provider) BETWEEN 1 AND 40),
    live             boolean NOT NULL,
    subscription_ref text NOT NULL CHECK (char_length(subscription_ref) BETWEEN 1 AND 200),
    org_id           uuid NOT NULL REFERENCES tenant.orgs,
    customer_ref     text NOT NULL CHECK (char_length(customer_ref) BETWEEN 1 AND 200),
    status           text NOT NULL CHECK (char_length(status) BETWEEN 1 AND 60),
    entitled         boolean NOT NULL,
    ended            boolean NOT NULL,
    plan             text NOT NULL REFERENCES catalog.plans (plan),
    period_start     timestamptz,
    period_end       timestamptz,
    trial_end        timestamptz,
    cancels_at_period_end boolean NOT NULL,
    provider_time    timestamptz NOT NULL,
    event_id         text NOT NULL CHECK (char_length(event_id) BETWEEN 1 AND 200),
    PRIMARY KEY (provider, live, subscription_ref)
);
COMMENT ON COLUMN account.subscription_states.ended IS 'The provider never opens it again; wins where two states carry the same second';
CREATE INDEX ON account.subscription_states (org_id);
GRANT SELECT, INSERT, UPDATE ON account.subscription_states TO plantintel_gate;
ALTER TABLE tenant.subscriptions ADD COLUMN trial_end timestamptz;

-- Which plans people may choose themselves, and in which order they are shown.
ALTER TABLE catalog.plans ADD COLUMN offered boolean NOT NULL DEFAULT false;
ALTER TABLE catalog.plans ADD COLUMN position bigint NOT NULL DEFAULT 0 CHECK (position >= 0);
UPDATE catalog.plans SET offered = plan IN ('starter', 'professional', 'enterprise'),
    position = CASE plan WHEN 'trial' THEN 1 WHEN 'pilot' THEN 2 WHEN 'starter' THEN 3 WHEN 'professional' THEN 4
        WHEN 'enterprise' THEN 5 ELSE 6 END;
