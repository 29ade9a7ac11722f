-- Reports that are made by themselves, and what was made. A report is made once per schedule and moment, however many workers look.
CREATE TABLE tenant.report_schedules (
    org_id      uuid NOT NULL REFERENCES tenant.orgs,
    id          uuid NOT NULL,
    name        text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
    every       text NOT NULL CHECK (every IN ('day', 'week', 'month')),
    day         bigint NOT NULL CHECK (day BETWEEN 1 AND 28),
    hour        bigint NOT NULL CHECK (hour BETWEEN 0 AND 23),
    time_zone   text NOT NULL CHECK (char_length(time_zone) BETWEEN 1 AND 100),
    language    text NOT NULL CHECK (language IN ('en', 'de', 'es')),
    format      text NOT NULL CHECK (format IN ('pdf', 'xlsx', 'html', 'csv')),
    facility_id uuid,
    recipients  text[] NOT NULL DEFAULT '{}' CHECK (cardinality(recipients) <= 50),
    next_at     timestamptz NOT NULL,
    trouble     text NOT NULL DEFAULT '' CHECK (char_length(trouble) <= 1000),
    created_by  uuid,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    version     bigint NOT NULL DEFAULT 1 CHECK (version >= 1),
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, facility_id) REFERENCES tenant.facilities
);
COMMENT ON COLUMN tenant.report_schedules.day IS 'Of the week from Monday on, or of the month';
COMMENT ON COLUMN tenant.report_schedules.recipients IS 'Addresses of members who get a letter; who is none any more gets none';
CREATE INDEX ON tenant.report_schedules (org_id, next_at);
CREATE INDEX ON tenant.report_schedules (org_id, facility_id);
SELECT tenant.protect('tenant.report_schedules');
CREATE TRIGGER touch BEFORE UPDATE ON tenant.report_schedules FOR EACH ROW EXECUTE FUNCTION tenant.touch();
GRANT INSERT, DELETE ON tenant.report_schedules TO plantintel_app;
GRANT UPDATE (next_at, trouble) ON tenant.report_schedules TO plantintel_worker;

CREATE TABLE tenant.reports (
    org_id       uuid NOT NULL REFERENCES tenant.orgs,
    id           uuid NOT NULL,
    schedule_id  uuid NOT NULL,
    due_at       timestamptz NOT NULL,
    analysis_id  uuid NOT NULL,
    name         text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 300),
    format       text NOT NULL CHECK (format IN ('pdf', 'xlsx', 'html', 'csv')),
    document_key text NOT NULL CHECK (char_length(document_key) BETWEEN 1 AND 200),
    bytes        bigint NOT NULL CHECK (bytes >= 0),
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, schedule_id) REFERENCES tenant.report_schedules ON DELETE CASCADE,
    FOREIGN KEY (org_id, analysis_id) REFERENCES tenant.analyses ON DELETE CASCADE
);
COMMENT ON TABLE tenant.reports IS 'What schedules have made; it goes with its schedule and its analysis';
CREATE UNIQUE INDEX ON tenant.reports (org_id, schedule_id, due_at);
CREATE INDEX ON tenant.reports (org_id, analysis_id);
CREATE INDEX ON tenant.reports (org_id, created_at, id);
SELECT tenant.protect('tenant.reports');
GRANT INSERT ON tenant.reports TO plantintel_worker;
