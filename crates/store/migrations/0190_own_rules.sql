-- Rules that an organisation keeps to be filled in again, beside those that the product brings.
CREATE TABLE tenant.rule_templates (
    org_id     uuid NOT NULL REFERENCES tenant.orgs,
    id         uuid NOT NULL,
    name       text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    category   text NOT NULL CHECK (category IN ('labor', 'material', 'machine', 'time', 'other')),
    reads      text NOT NULL CHECK (char_length(reads) BETWEEN 1 AND 500),
    recipe     jsonb NOT NULL CHECK (jsonb_typeof(recipe) = 'object' AND pg_column_size(recipe) <= 1048576),
    created_by uuid,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, id)
);
COMMENT ON TABLE tenant.rule_templates IS 'Rules of the organisation to be filled in over a column';
COMMENT ON COLUMN tenant.rule_templates.reads IS 'The column that it read where it was kept; another one takes its place';
CREATE UNIQUE INDEX ON tenant.rule_templates (org_id, lower(name));
SELECT tenant.protect('tenant.rule_templates');
GRANT INSERT, DELETE ON tenant.rule_templates TO plantintel_app;

-- Suggestions that people do not want to see again, for every export with these headers.
CREATE TABLE tenant.dismissed_suggestions (
    org_id           uuid NOT NULL REFERENCES tenant.orgs,
    header_signature text NOT NULL CHECK (char_length(header_signature) BETWEEN 1 AND 200),
    suggestion       text NOT NULL CHECK (char_length(suggestion) BETWEEN 1 AND 600),
    dismissed_by     uuid,
    created_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, header_signature, suggestion)
);
COMMENT ON TABLE tenant.dismissed_suggestions IS 'Suggestions for cells that a person has dismissed, by the headers of their table';
SELECT tenant.protect('tenant.dismissed_suggestions');
GRANT INSERT, DELETE ON tenant.dismissed_suggestions TO plantintel_app;
