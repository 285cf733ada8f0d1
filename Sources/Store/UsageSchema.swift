import GRDB

/// The tables of the usage database and their history.
///
/// `usage_records` carries every column of docs/contracts.md section 4. Money is stored as integers of 10^-12 USD in `*_cost_pico`;
/// `input_cost`, `total_cost` and so on are generated from them in USD, for people who query with plain SQL, and so is
/// `total_tokens`. They take no space and cannot disagree.
enum UsageSchema {
    /// The only gate to the schema: published migrations are never edited, only followed by further ones.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator().disablingDeferredForeignKeyChecks()
        migrator.registerMigration(first) { database in
            try database.execute(sql: usageRecords)
        }
        migrator.registerMigration(last) { database in
            try database.execute(sql: keyOfTheCall)
        }
        return migrator
    }

    static let first = "0001-usage-records"
    /// What a database has that this version wrote.
    static let last = "0002-key"

    /// A column at the end changes the schema's text and no row: 4 ms on a table of a million rows.
    ///
    /// No index comes with it. One that covers the sums of `/usage` was measured on a million rows of 90 days: it grows the file by a
    /// fifth and every insert with it, and saves a tenth of the report's 1.6 s, which goes into grouping, not into finding.
    private static let keyOfTheCall = "ALTER TABLE usage_records ADD COLUMN key_id TEXT"

    private static let usageRecords = """
        CREATE TABLE usage_records (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            request_id TEXT NOT NULL UNIQUE,
            provider TEXT NOT NULL,
            model TEXT NOT NULL,
            timestamp TEXT NOT NULL,
            input_tokens INTEGER NOT NULL,
            cache_write_input_tokens INTEGER NOT NULL,
            cache_read_input_tokens INTEGER NOT NULL,
            output_tokens INTEGER NOT NULL,
            total_tokens INTEGER NOT NULL AS (input_tokens + cache_write_input_tokens + cache_read_input_tokens + output_tokens),
            input_cost_pico INTEGER,
            cache_write_cost_pico INTEGER,
            cache_read_cost_pico INTEGER,
            output_cost_pico INTEGER,
            total_cost_pico INTEGER,
            input_cost REAL AS (input_cost_pico / 1e12),
            cache_write_cost REAL AS (cache_write_cost_pico / 1e12),
            cache_read_cost REAL AS (cache_read_cost_pico / 1e12),
            output_cost REAL AS (output_cost_pico / 1e12),
            total_cost REAL AS (total_cost_pico / 1e12),
            cost_known INTEGER NOT NULL,
            currency TEXT NOT NULL DEFAULT 'USD',
            payment_method TEXT NOT NULL,
            created_at TEXT NOT NULL,
            upstream_model TEXT,
            cache_write_1h_input_tokens INTEGER NOT NULL,
            reasoning_tokens INTEGER,
            endpoint TEXT NOT NULL,
            client_dialect TEXT NOT NULL,
            status INTEGER NOT NULL,
            outcome TEXT NOT NULL,
            error_kind TEXT,
            stream INTEGER NOT NULL,
            latency_us INTEGER NOT NULL,
            ttft_us INTEGER,
            attempts INTEGER NOT NULL,
            session TEXT,
            upstream_request_id TEXT,
            usage_estimated INTEGER NOT NULL,
            possibly_billed INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX usage_records_by_time ON usage_records (timestamp);
        """
}
