//! The table of the queues, and each of its changes in one statement.

/// The version of the table that this program reads and writes.
pub(super) const FORMAT: i32 = 1;

/// The version of the table that is there, and whether a crash leaves it as it is; no row if it
/// has no version.
pub(super) const VERSION: &str = "
SELECT version, (SELECT relpersistence = 'p' FROM pg_class WHERE oid = 'thimble_queue'::regclass)
FROM thimble_queue_format";

/// The table, made by whoever comes first: others wait for the lock and find it made. The
/// statements are one transaction.
pub(super) const MIGRATION: &str = "
SELECT pg_advisory_xact_lock(8386103226881438821);
CREATE TABLE IF NOT EXISTS thimble_queue (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    queue text NOT NULL,
    body text NOT NULL,
    attributes jsonb NOT NULL DEFAULT '{}',
    sent timestamptz NOT NULL DEFAULT clock_timestamp(),
    visible timestamptz NOT NULL DEFAULT clock_timestamp(),
    received integer NOT NULL DEFAULT 0
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX IF NOT EXISTS thimble_queue_next ON thimble_queue (queue, visible, id);
CREATE TABLE IF NOT EXISTS thimble_queue_format (version integer NOT NULL);
INSERT INTO thimble_queue_format SELECT 1 WHERE NOT EXISTS (SELECT FROM thimble_queue_format);
";

/// Beginning of a connection: it hears of new messages, no request is endless, and none is
/// answered before it is on the disk. What is stricter than that stays.
pub(super) const BEGIN: &str = "
SET statement_timeout = '20s';
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
LISTEN thimble_queue";

/// Queue, bodies, attributes: puts messages into a queue, and says so.
pub(super) const SEND: &str = "
WITH made AS (
    INSERT INTO thimble_queue (queue, body, attributes)
    SELECT $1, body, attributes::jsonb
    FROM unnest($2, $3) WITH ORDINALITY AS new (body, attributes, place)
    ORDER BY place
    RETURNING id, sent
)
SELECT id, sent, pg_notify('thimble_queue', $1)::text FROM made";

/// Queue, number, seconds: hides visible messages that nobody else is taking. The index leads
/// past all hidden ones only by a time that does not change meanwhile.
pub(super) const RECEIVE: &str = "
WITH chosen AS MATERIALIZED (
    SELECT id FROM thimble_queue
    WHERE queue = $1 AND visible <= statement_timestamp()
    ORDER BY visible, id
    LIMIT $2
    FOR UPDATE SKIP LOCKED
)
UPDATE thimble_queue AS message
SET received = received + 1, visible = clock_timestamp() + make_interval(secs => $3)
FROM chosen
WHERE message.id = chosen.id
RETURNING message.id, body, attributes::text, received, sent";

/// Queue, ids, receive counts: deletes those that were not received again.
pub(super) const DELETE: &str = "
DELETE FROM thimble_queue AS message
USING unnest($2, $3) AS done (id, received)
WHERE message.id = done.id AND message.received = done.received AND queue = $1
RETURNING message.id";

/// Queue, id, receive count, seconds: hides a message for another time, or for none.
pub(super) const HIDE: &str = "
WITH hidden AS (
    UPDATE thimble_queue SET visible = clock_timestamp() + make_interval(secs => $4)
    WHERE id = $2 AND queue = $1 AND received = $3
    RETURNING id
)
SELECT CASE WHEN $4 = 0 THEN pg_notify('thimble_queue', $1)::text END FROM hidden";

/// Queue, id, receive count, dead-letter queue, attributes: makes a dead letter of a message.
pub(super) const BURY: &str = "
WITH buried AS (
    UPDATE thimble_queue
    SET queue = $4, attributes = $5::jsonb, received = 0, visible = clock_timestamp()
    WHERE id = $2 AND queue = $1 AND received = $3
    RETURNING id
)
SELECT pg_notify('thimble_queue', $4)::text FROM buried";

/// Queue: the seconds until its next message can be received.
pub(super) const NEXT: &str = "
SELECT extract(epoch FROM min(visible) - clock_timestamp())::float8
FROM thimble_queue WHERE queue = $1";

/// Queue: the time at which its oldest message was sent.
pub(super) const OLDEST: &str = "SELECT min(sent) FROM thimble_queue WHERE queue = $1";

/// Queue: its messages that can be received, and those that are hidden.
pub(super) const DEPTH: &str = "
SELECT count(*) FILTER (WHERE visible <= clock_timestamp()),
       count(*) FILTER (WHERE visible > clock_timestamp())
FROM thimble_queue WHERE queue = $1";

/// Queue: tells those who wait for its messages.
pub(super) const TELL: &str = "SELECT pg_notify('thimble_queue', $1)::text";

/// Facts about the server, the connection, the tables and the rights at them.
pub(super) const STATUS: &str = "
WITH there AS (
    SELECT to_regclass('thimble_queue')::oid AS messages, to_regclass('thimble_queue_format')::oid AS format
)
SELECT current_setting('server_version') AS server,
       current_schema()::text AS schema,
       coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS may_make,
       messages IS NOT NULL AS has_table,
       to_regclass('thimble_queue_next') IS NOT NULL AS has_index,
       coalesce(has_table_privilege(format, 'SELECT'), false) AS reads_version,
       ARRAY(
           SELECT needed || ' ON thimble_queue' FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS needed
           WHERE NOT has_table_privilege(messages, needed)
           UNION ALL
           SELECT 'SELECT ON thimble_queue_format' WHERE NOT has_table_privilege(format, 'SELECT')
           UNION ALL
           SELECT 'EXECUTE ON FUNCTION pg_notify'
           WHERE NOT has_function_privilege('pg_notify(text, text)', 'EXECUTE')
       ) AS lacks,
       coalesce((SELECT relpersistence = 'u' FROM pg_class WHERE oid = messages), false) AS is_unlogged,
       coalesce(row_security_active(messages), false) AS hides_rows,
       ARRAY(
           SELECT name::text FROM pg_settings
           WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off'
       ) AS careless,
       current_setting('transaction_read_only') = 'on' AS is_read_only,
       extract(epoch FROM clock_timestamp())::float8 AS clock,
       host(inet_client_addr()) AS client,
       coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS tls
FROM there";
