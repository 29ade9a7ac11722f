-- The provider stamps events with whole seconds: a subscription that is made and paid in one second has two events of one time.
ALTER TABLE account.subscription_states ADD COLUMN changed boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN account.subscription_states.changed IS 'Not the state in which it was made, which loses where two states carry the same second';
