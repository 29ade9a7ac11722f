-- Answers of the assistant that people put into the report of an analysis. Each is a copy: it stays in the report when its conversation,
-- which belongs to one person, is deleted, and goes with its analysis.
CREATE TABLE tenant.report_answers (
    org_id          uuid NOT NULL REFERENCES tenant.orgs,
    id              uuid NOT NULL,
    analysis_id     uuid NOT NULL,
    conversation_id uuid NOT NULL,
    number          bigint NOT NULL CHECK (number >= 1),
    question        text NOT NULL CHECK (char_length(question) <= 32768),
    body            text NOT NULL CHECK (char_length(body) <= 32768),
    document        jsonb NOT NULL CHECK (pg_column_size(document) <= 1048576),
    added_by        uuid,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, analysis_id) REFERENCES tenant.analyses ON DELETE CASCADE
);
COMMENT ON TABLE tenant.report_answers IS 'Copies of answers that belong to the report of an analysis';
COMMENT ON COLUMN tenant.report_answers.conversation_id IS 'Where it was said; that conversation may be gone';
COMMENT ON COLUMN tenant.report_answers.number IS 'Of the answer in its conversation';
CREATE UNIQUE INDEX ON tenant.report_answers (org_id, conversation_id, number);
CREATE INDEX ON tenant.report_answers (org_id, analysis_id, created_at, id);
SELECT tenant.protect('tenant.report_answers');
GRANT INSERT, DELETE ON tenant.report_answers TO plantintel_app;
