-- Mappings that the operator of the installation offers to all organisations. They are made of an operator's own confirmed
-- mapping: headers and what they mean, never a value, a reason or another organisation's file.
CREATE TABLE catalog.library (
    id            uuid PRIMARY KEY,
    name          text NOT NULL UNIQUE CHECK (char_length(name) BETWEEN 1 AND 50),
    description   text NOT NULL DEFAULT '' CHECK (char_length(description) <= 2000),
    source_system text NOT NULL DEFAULT '' CHECK (char_length(source_system) <= 100),
    columns       bigint NOT NULL CHECK (columns >= 0),
    document      jsonb NOT NULL CHECK (pg_column_size(document) <= 4194304),
    published_by  uuid NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
GRANT SELECT ON catalog.library TO plantintel_app, plantintel_worker, plantintel_operator;
GRANT INSERT, UPDATE, DELETE ON catalog.library TO plantintel_operator;
