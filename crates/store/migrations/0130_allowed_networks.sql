-- From where an organisation's people and programs may come; nobody is kept out where the list is empty.
ALTER TABLE tenant.orgs ADD COLUMN allowed_networks text[] NOT NULL DEFAULT '{}'
    CHECK (cardinality(allowed_networks) <= 100 AND array_position(allowed_networks, NULL) IS NULL);
COMMENT ON COLUMN tenant.orgs.allowed_networks IS 'Addresses and ranges from which sessions, keys and tokens are taken; all where empty';
GRANT UPDATE (allowed_networks) ON tenant.orgs TO plantintel_app;
-- Whoever runs the installation lets an organisation in again that has locked itself out.
GRANT UPDATE (allowed_networks) ON tenant.orgs TO plantintel_gate;
