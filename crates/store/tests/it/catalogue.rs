//! The walls as the catalogue of the database shows them: a lint with no findings. It asks the database and not the migrations, so
//! it also sees what a later migration forgets.

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, Row};
use testkit::Database;

const TENANT_ROLES: [&str; 2] = ["plantintel_app", "plantintel_worker"];

async fn admin(database: &Database) -> PgConnection {
    let options: sqlx::postgres::PgConnectOptions = database.url("plantintel_admin").parse().unwrap();
    options.connect().await.unwrap()
}

/// Runs a query that selects one text per thing that is not as it should be.
async fn findings(conn: &mut PgConnection, sql: &str) -> Vec<String> {
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(conn).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>(0)).collect()
}

/// What is looked for, each with a query that selects one text per finding.
fn checks() -> Vec<(&'static str, String)> {
    let tenant_tables = "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'tenant' AND c.relkind IN ('r', 'p', 'm', 'v', 'f')";
    let ours = "('tenant', 'account', 'operator', 'catalog')";
    vec![
        (
            "a table of an organisation without forced row security, or not a plain table",
            format!("SELECT c.relname::text {tenant_tables}
                AND NOT (c.relkind IN ('r', 'p') AND c.relrowsecurity AND c.relforcerowsecurity)"),
        ),
        (
            "org_id missing, nullable, not a uuid, or not the first column of the primary key",
            format!("SELECT c.relname::text {tenant_tables} AND NOT EXISTS (
                SELECT 1 FROM pg_attribute a JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
                WHERE a.attrelid = c.oid AND a.attname = 'org_id' AND a.attnotnull AND a.atttypid = 'uuid'::regtype
                    AND i.indkey[0] = a.attnum)"),
        ),
        (
            "org_id without a foreign key to orgs",
            format!("SELECT c.relname::text {tenant_tables} AND c.relname <> 'orgs' AND NOT EXISTS (
                SELECT 1 FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'org_id'
                WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid = 'tenant.orgs'::regclass
                    AND k.conkey = ARRAY[a.attnum])"),
        ),
        (
            "a foreign key between tables of organisations that does not carry the organisation",
            "SELECT k.conname::text FROM pg_constraint k
                JOIN pg_class f ON f.oid = k.confrelid JOIN pg_namespace n ON n.oid = f.relnamespace
                JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace m ON m.oid = c.relnamespace
                WHERE k.contype = 'f' AND n.nspname = 'tenant' AND m.nspname = 'tenant' AND f.relname <> 'orgs' AND NOT EXISTS (
                    SELECT 1 FROM unnest(k.conkey, k.confkey) AS pair (mine, theirs)
                    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = pair.mine AND a.attname = 'org_id'
                    JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = pair.theirs AND b.attname = 'org_id')"
                .to_owned(),
        ),
        (
            // What the server makes is unique over all organisations without telling anybody anything: an issuer's id of an
            // organisation and a payment provider's of a customer, both written by the gate alone.
            "a unique key that two organisations share, through which one learns what the other holds",
            format!("SELECT i.indexrelid::regclass::text {tenant_tables_index}
                AND i.indisunique AND NOT EXISTS (SELECT 1 FROM pg_attribute a
                    WHERE a.attrelid = c.oid AND a.attname = 'org_id' AND a.attnum = ANY (i.indkey))
                AND NOT (c.relname = 'orgs' AND pg_get_indexdef(i.indexrelid) LIKE '%(external_id)')
                AND NOT (c.relname = 'subscriptions' AND pg_get_indexdef(i.indexrelid) LIKE '%(provider, live, customer_ref)')",
                tenant_tables_index = "FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
                    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'tenant'"),
        ),
        (
            "not exactly one policy that binds the tenant roles, for all commands, with both conditions",
            format!("SELECT c.relname::text {tenant_tables} AND 1 <> (
                SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid AND p.polpermissive AND p.polroles = '{{0}}'
                    AND p.polname = 'tenant' AND p.polcmd = '*'
                    AND pg_get_expr(p.polqual, c.oid) = '(org_id = (NULLIF(current_setting(''app.org''::text, true), ''''::text))::uuid)'
                    AND pg_get_expr(p.polwithcheck, c.oid) = pg_get_expr(p.polqual, c.oid))"),
        ),
        (
            "a further policy that is not for the gate, the dispatcher or the operator alone",
            "SELECT p.polname || ' on ' || c.relname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
                WHERE p.polname <> 'tenant' AND NOT (
                    (p.polroles = ARRAY['plantintel_operator'::regrole::oid] AND p.polcmd = 'r')
                    OR (p.polroles = ARRAY['plantintel_gate'::regrole::oid] AND p.polcmd = 'r'
                        AND c.relname IN ('orgs', 'memberships', 'invitations', 'api_keys', 'shares', 'subscriptions'))
                    OR (p.polroles = ARRAY['plantintel_dispatch'::regrole::oid]
                        AND (c.relname IN ('jobs', 'job_turns', 'audit_heads', 'audit_checkpoints', 'idempotency_keys')
                            OR (c.relname = 'orgs' AND p.polcmd = 'r'))))"
                .to_owned(),
        ),
        (
            "a role of ours that can do what none may",
            "SELECT rolname::text FROM pg_roles WHERE rolname LIKE 'plantintel\\_%' AND rolname <> 'plantintel_admin'
                AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication OR rolinherit
                    OR (rolcanlogin <> (rolname IN ('plantintel_app', 'plantintel_worker', 'plantintel_gate', 'plantintel_operator'))))"
                .to_owned(),
        ),
        (
            "a signing-in role that is a member of another role",
            "SELECT m.rolname || ' in ' || g.rolname FROM pg_auth_members x JOIN pg_roles m ON m.oid = x.member
                JOIN pg_roles g ON g.oid = x.roleid WHERE m.rolname LIKE 'plantintel\\_%' AND m.rolcanlogin
                    AND m.rolname <> 'plantintel_admin'"
                .to_owned(),
        ),
        (
            "a table that does not belong to the owner",
            format!("SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname IN {ours} AND c.relkind IN ('r', 'p', 'S') AND c.relowner <> 'plantintel_owner'::regrole"),
        ),
        (
            "a schema in which a signing-in role can make things",
            "SELECT n.nspname || ' by ' || r.rolname FROM pg_namespace n, pg_roles r
                WHERE r.rolname LIKE 'plantintel\\_%' AND r.rolname NOT IN ('plantintel_admin', 'plantintel_owner')
                    AND has_schema_privilege(r.oid, n.oid, 'CREATE')"
                .to_owned(),
        ),
        (
            "a grant that goes round row security or changes the walls",
            format!("SELECT r.rolname || ': ' || p || ' on ' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
                pg_roles r, unnest(ARRAY['TRUNCATE', 'REFERENCES', 'TRIGGER']) p
                WHERE n.nspname IN {ours} AND c.relkind IN ('r', 'p') AND r.rolname LIKE 'plantintel\\_%'
                    AND r.rolname NOT IN ('plantintel_admin', 'plantintel_owner') AND has_table_privilege(r.oid, c.oid, p)"),
        ),
        (
            "the audit trail can be written otherwise than by its function",
            "SELECT r.rolname || ': ' || p || ' on ' || c.relname FROM pg_class c, pg_roles r,
                unnest(ARRAY['INSERT', 'UPDATE', 'DELETE']) p
                WHERE c.oid IN ('tenant.audit'::regclass, 'tenant.audit_personal'::regclass, 'tenant.audit_heads'::regclass)
                    AND r.rolname LIKE 'plantintel\\_%' AND r.rolname NOT IN ('plantintel_admin', 'plantintel_owner')
                    AND (has_table_privilege(r.oid, c.oid, p) OR (p <> 'DELETE' AND has_any_column_privilege(r.oid, c.oid, p)))"
                .to_owned(),
        ),
        (
            "people, customers or rates within reach of a tenant role",
            format!("SELECT r.rolname || ' on ' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, pg_roles r
                WHERE n.nspname IN ('account', 'operator') AND c.relkind IN ('r', 'p') AND r.rolname IN ('{}', '{}')
                    AND (has_any_column_privilege(r.oid, c.oid, 'SELECT') OR has_schema_privilege(r.oid, n.oid, 'USAGE'))",
                TENANT_ROLES[0], TENANT_ROLES[1]),
        ),
        (
            "what organisations own within reach of the gate",
            "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = 'tenant' AND c.relkind IN ('r', 'p')
                    AND has_any_column_privilege('plantintel_gate', c.oid, 'SELECT')
                    AND c.relname NOT IN ('orgs', 'memberships', 'invitations', 'api_keys', 'shares', 'subscriptions')"
                .to_owned(),
        ),
        (
            "a function with its owner's rights that everybody may call, or that does not fix where it looks for tables",
            format!("SELECT p.proname::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                WHERE n.nspname IN {ours} AND p.prosecdef AND (has_function_privilege('public', p.oid, 'EXECUTE')
                    OR p.proconfig IS NULL OR NOT p.proconfig::text LIKE '%search_path=%pg_temp%')"),
        ),
        (
            "a time or flag that may be null without meaning something by it",
            format!("SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname IN {ours} AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND NOT a.attnotnull
                    AND (a.atttypid = 'bool'::regtype OR a.attname IN ('created_at', 'updated_at', 'version', 'state', 'status'))
                    AND NOT (c.relname = 'idempotency_keys' AND a.attname = 'status')"),
        ),
        (
            "a number of four bytes, which a large file outgrows",
            format!("SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN {ours} AND c.relkind = 'r' AND a.attnum > 0
                    AND a.atttypid = 'int4'::regtype"),
        ),
        (
            "an eight-byte count that may be negative",
            "SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('tenant', 'operator', 'catalog') AND c.relkind = 'r'
                    AND a.attnum > 0 AND a.atttypid = 'int8'::regtype AND c.relname <> '_sqlx_migrations'
                    AND a.attname NOT IN ('profile_number', 'configuration_number', 'seq')
                    AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c'
                        AND a.attnum = ANY (k.conkey) AND pg_get_constraintdef(k.oid) ~ '>= [01]\\)')"
                .to_owned(),
        ),
        (
            "a text or document without a bound",
            format!("SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN {ours} AND c.relkind = 'r' AND a.attnum > 0
                    AND a.atttypid IN ('text'::regtype, 'jsonb'::regtype, 'bytea'::regtype) AND c.relname <> '_sqlx_migrations'
                    AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype IN ('c', 'f')
                        AND a.attnum = ANY (k.conkey))"),
        ),
        (
            "a foreign key without an index to look it up by, so that a delete reads the whole table",
            "SELECT k.conname::text FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
                JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE k.contype = 'f' AND n.nspname = 'tenant' AND cardinality(k.conkey) > 1 AND NOT EXISTS (
                    SELECT 1 FROM pg_index i WHERE i.indrelid = k.conrelid
                        AND (i.indkey::int2[])[0:1] <@ k.conkey AND (i.indkey::int2[])[0:1] @> k.conkey[1:2])
                AND k.conname NOT LIKE '%parent%'"
                .to_owned(),
        ),
    ]
}

async fn holes(conn: &mut PgConnection) -> Vec<String> {
    let mut holes = Vec::new();
    for (what, sql) in checks() {
        for name in findings(conn, &sql).await {
            holes.push(format!("{what}: {name}"));
        }
    }
    holes
}

#[tokio::test]
async fn the_catalogue_shows_no_hole() {
    let Some(database) = Database::fresh().await else { return };
    let mut conn = admin(&database).await;
    let holes = holes(&mut conn).await;
    assert!(holes.is_empty(), "{} holes\n{}", holes.len(), holes.join("\n"));
    conn.close().await.unwrap();
}

/// Each of these is what somebody might write into a migration; the lint must not let it pass.
#[tokio::test]
async fn the_lint_finds_every_hole_that_is_made() {
    let Some(database) = Database::fresh().await else { return };
    let mut conn = admin(&database).await;
    let table = "SET LOCAL ROLE plantintel_owner; CREATE TABLE tenant.new (org_id uuid NOT NULL REFERENCES tenant.orgs, id uuid NOT NULL";
    let holes_made = [
        format!("{table}, PRIMARY KEY (org_id, id))"),
        format!("{table}, PRIMARY KEY (id)); SELECT tenant.protect('tenant.new')"),
        format!("{table}, PRIMARY KEY (org_id, id), name text UNIQUE CHECK (name <> '')); SELECT tenant.protect('tenant.new')"),
        format!("{table}, PRIMARY KEY (org_id, id), name text); SELECT tenant.protect('tenant.new')"),
        format!("{table}, PRIMARY KEY (org_id, id), n bigint NOT NULL); SELECT tenant.protect('tenant.new')"),
        format!("{table}, PRIMARY KEY (org_id, id), n int NOT NULL); SELECT tenant.protect('tenant.new')"),
        format!("{table}, PRIMARY KEY (org_id, id), state text CHECK (state <> '')); SELECT tenant.protect('tenant.new')"),
        "CREATE TABLE tenant.new (org_id uuid PRIMARY KEY); SELECT tenant.protect('tenant.new'); ALTER TABLE tenant.new OWNER TO plantintel_owner".to_owned(),
        "ALTER TABLE tenant.files NO FORCE ROW LEVEL SECURITY".to_owned(),
        "ALTER TABLE tenant.files DISABLE ROW LEVEL SECURITY".to_owned(),
        "DROP POLICY tenant ON tenant.files".to_owned(),
        "DROP POLICY tenant ON tenant.files; CREATE POLICY tenant ON tenant.files FOR SELECT USING (true)".to_owned(),
        "CREATE POLICY more ON tenant.files TO plantintel_app USING (true)".to_owned(),
        "CREATE POLICY more ON tenant.files FOR SELECT TO plantintel_gate USING (true)".to_owned(),
        "ALTER ROLE plantintel_app BYPASSRLS".to_owned(),
        "ALTER ROLE plantintel_owner LOGIN".to_owned(),
        "GRANT plantintel_owner TO plantintel_app".to_owned(),
        "GRANT plantintel_dispatch TO plantintel_worker".to_owned(),
        "ALTER TABLE tenant.files OWNER TO plantintel_app".to_owned(),
        "GRANT CREATE ON SCHEMA tenant TO plantintel_app".to_owned(),
        "GRANT TRUNCATE ON tenant.files TO plantintel_app".to_owned(),
        "GRANT UPDATE (outcome) ON tenant.audit TO plantintel_app".to_owned(),
        "GRANT DELETE ON tenant.audit_personal TO plantintel_app".to_owned(),
        "GRANT USAGE ON SCHEMA account TO plantintel_app".to_owned(),
        "GRANT SELECT ON operator.customers TO plantintel_worker".to_owned(),
        "GRANT SELECT ON tenant.findings TO plantintel_gate".to_owned(),
        "GRANT EXECUTE ON FUNCTION tenant.rescue_jobs() TO PUBLIC".to_owned(),
        "ALTER FUNCTION tenant.rescue_jobs() RESET ALL".to_owned(),
        "ALTER TABLE tenant.findings DROP CONSTRAINT findings_org_id_analysis_id_fkey; ALTER TABLE tenant.findings ADD FOREIGN KEY (org_id, analysis_id) REFERENCES tenant.datasets (org_id, id); CREATE VIEW tenant.all_files AS SELECT * FROM tenant.files".to_owned(),
        "DROP INDEX tenant.finding_evidence_org_id_file_id_idx".to_owned(),
    ];
    for sql in holes_made {
        sqlx::raw_sql(AssertSqlSafe(format!("BEGIN; {sql}")))
            .execute(&mut conn)
            .await
            .unwrap_or_else(|e| panic!("{sql}: {e}"));
        let holes = holes(&mut conn).await;
        assert!(!holes.is_empty(), "nothing was found after: {sql}");
        sqlx::raw_sql("ROLLBACK").execute(&mut conn).await.unwrap();
    }
    assert!(holes(&mut conn).await.is_empty());
    conn.close().await.unwrap();
}

/// A sealed column that a change of the installation's secret does not know of could never be opened again.
#[tokio::test]
async fn every_sealed_column_follows_a_change_of_the_secret() {
    let Some(database) = Database::fresh().await else { return };
    let found = findings(
        &mut admin(&database).await,
        "SELECT n.nspname || '.' || c.relname || '.' || a.attname
         FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname IN ('tenant', 'account', 'catalog') AND c.relkind = 'r' AND a.atttypid = 'bytea'::regtype
           AND a.attname ~ 'secret' ORDER BY 1",
    )
    .await;
    let known: Vec<String> =
        store::installation::sealed_columns().map(|(table, column)| format!("{table}.{column}")).collect();
    assert_eq!(found, known);
}

#[tokio::test]
async fn without_a_tenant_every_table_is_empty() {
    let Some(database) = Database::fresh().await else { return };
    let _org = testkit::org(&database, "A", "unlimited").await;
    let mut names = findings(
        &mut admin(&database).await,
        "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'tenant' AND c.relkind IN ('r', 'p') ORDER BY 1",
    )
    .await;
    assert!(names.len() >= 30);
    for role in TENANT_ROLES {
        let options: sqlx::postgres::PgConnectOptions = database.url(role).parse().unwrap();
        let mut conn = options.connect().await.unwrap();
        for state in ["", "SET app.org = ''"] {
            sqlx::raw_sql(AssertSqlSafe(state)).execute(&mut conn).await.unwrap();
            for table in &mut names {
                let sql = format!("SELECT count(*) FROM tenant.{table}");
                let n: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut conn).await.unwrap();
                assert_eq!(n, 0, "{role} sees {table} {state}");
            }
        }
    }
}
