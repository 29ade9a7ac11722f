-- What the installation knows of itself: by what its secret is recognised, so that a program with another secret is
-- refused before it changes anything.
CREATE TABLE catalog.installation (
    name       text PRIMARY KEY CHECK (char_length(name) BETWEEN 1 AND 60),
    value      text NOT NULL CHECK (char_length(value) BETWEEN 1 AND 500),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE catalog.installation IS 'Facts of the installation itself; nothing secret';
COMMENT ON COLUMN catalog.installation.name IS 'Which fact';
COMMENT ON COLUMN catalog.installation.value IS 'What it is';
COMMENT ON COLUMN catalog.installation.updated_at IS 'When it was noted last';
GRANT SELECT ON catalog.installation TO plantintel_app, plantintel_worker, plantintel_gate, plantintel_operator;
