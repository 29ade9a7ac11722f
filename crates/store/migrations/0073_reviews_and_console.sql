-- A result that a reviewer looks at before the customer sees it stands in a state of its own, so that nothing that asks for
-- completed analyses shows it. Whether an organisation's results are reviewed, its operator says.
ALTER TABLE tenant.orgs ADD COLUMN reviewed boolean NOT NULL DEFAULT false;
-- The operator may give an organisation another number of uploads than its plan has.
ALTER TABLE tenant.orgs ADD COLUMN uploads_max bigint CHECK (uploads_max >= 0);
GRANT UPDATE (reviewed, uploads_max) ON tenant.orgs TO plantintel_operator;
ALTER TABLE tenant.analyses DROP CONSTRAINT analyses_state_check;
ALTER TABLE tenant.analyses ADD CONSTRAINT analyses_state_check
    CHECK (state IN ('queued', 'running', 'in_review', 'completed', 'failed', 'cancelled'));

CREATE TABLE tenant.review_edits (
    org_id      uuid NOT NULL REFERENCES tenant.orgs,
    analysis_id uuid NOT NULL,
    key         text NOT NULL CHECK (char_length(key) BETWEEN 1 AND 200),
    hidden      boolean NOT NULL DEFAULT false,
    title       text NOT NULL DEFAULT '' CHECK (char_length(title) <= 500),
    note        text NOT NULL DEFAULT '' CHECK (char_length(note) <= 4000),
    edited_by   uuid,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    version     bigint NOT NULL DEFAULT 1 CHECK (version >= 1),
    PRIMARY KEY (org_id, analysis_id, key),
    FOREIGN KEY (org_id, analysis_id) REFERENCES tenant.reviews ON DELETE CASCADE
);
COMMENT ON TABLE tenant.review_edits IS 'What a reviewer changed of a finding; what was computed stays as it was';
SELECT tenant.protect('tenant.review_edits');
CREATE TRIGGER touch BEFORE UPDATE ON tenant.review_edits FOR EACH ROW EXECUTE FUNCTION tenant.touch();
GRANT INSERT, UPDATE ON tenant.review_edits TO plantintel_app;

-- What the operator says to everybody.
CREATE TABLE catalog.announcements (
    id         uuid PRIMARY KEY,
    title      text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
    body       text NOT NULL DEFAULT '' CHECK (char_length(body) <= 2000),
    shown_until timestamptz NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
GRANT SELECT ON catalog.announcements TO plantintel_app, plantintel_worker, plantintel_operator;
GRANT INSERT, UPDATE, DELETE ON catalog.announcements TO plantintel_operator;
