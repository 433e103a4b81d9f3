-- Orders to lock or to wipe a centre. Two different people make one: who orders it, and who confirms it in time.
CREATE TABLE wipe_order (
    order_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    level        text NOT NULL CHECK (level IN ('lock', 'wipe')),
    reason       text NOT NULL CHECK (length(reason) BETWEEN 1 AND 2000),
    ordered_by   text NOT NULL,
    ordered_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL CHECK (expires_at > ordered_at),
    confirmed_by text CHECK (confirmed_by <> ordered_by),
    confirmed_at timestamptz,
    cancelled_by text,
    cancelled_at timestamptz,
    lifted_by    text,                 -- a lock that was ended; a wipe never is
    lifted_at    timestamptz CHECK (lifted_at IS NULL OR level = 'lock'),
    originator    text NOT NULL DEFAULT 'hub',
    marking       tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to text[] NOT NULL DEFAULT '{}',
    source        text NOT NULL DEFAULT 'desk',
    CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL)),
    CHECK ((cancelled_by IS NULL) = (cancelled_at IS NULL)),
    CHECK ((lifted_by IS NULL) = (lifted_at IS NULL)),
    CHECK (confirmed_at IS NULL OR (confirmed_at <= expires_at AND cancelled_at IS NULL))
);

-- One order at a time waits for its second person.
CREATE UNIQUE INDEX wipe_order_open ON wipe_order ((true)) WHERE confirmed_at IS NULL AND cancelled_at IS NULL;

GRANT SELECT, INSERT, UPDATE ON wipe_order TO tapestry_app;
