-- Views of the list of findings that people keep under a name: for themselves, or for everybody in the organisation.
CREATE TABLE tenant.finding_views (
    org_id     uuid NOT NULL REFERENCES tenant.orgs,
    id         uuid NOT NULL,
    owner_id   uuid NOT NULL,
    name       text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    query      text NOT NULL CHECK (char_length(query) BETWEEN 1 AND 2000),
    shared     boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, id)
);
COMMENT ON TABLE tenant.finding_views IS 'Filters and grouping of the list of findings, kept under a name';
COMMENT ON COLUMN tenant.finding_views.owner_id IS 'The person who keeps it; everybody sees it once it is shared';
COMMENT ON COLUMN tenant.finding_views.query IS 'What stands behind the question mark of the address of the list';
CREATE UNIQUE INDEX ON tenant.finding_views (org_id, owner_id, lower(name));
SELECT tenant.protect('tenant.finding_views');
GRANT INSERT, UPDATE, DELETE ON tenant.finding_views TO plantintel_app;
