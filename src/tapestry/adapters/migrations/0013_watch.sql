-- What a watch keeps beside the Log: turns, shifts, hand-overs, tasks, contact plans, roll calls, briefs. The newest version
-- of each is here; what was done, when and by whom is in it and in the Log.
CREATE TABLE watch_record (
    record_id     integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    kind          text NOT NULL CHECK (kind IN ('turn', 'shift', 'hand-over', 'task', 'contact-line', 'roll-call',
                                                'brief')),
    version       integer NOT NULL,
    open          boolean NOT NULL,
    body          text NOT NULL,
    originator    text NOT NULL DEFAULT 'hub',
    marking       tlp NOT NULL DEFAULT 'TLP:AMBER',
    releasable_to text[] NOT NULL DEFAULT '{}',
    source        text NOT NULL DEFAULT 'desk'
) WITH (fillfactor = 70);
CREATE INDEX watch_record_of_kind ON watch_record (kind, record_id DESC);
CREATE INDEX watch_record_open ON watch_record (kind, record_id DESC) WHERE open;
GRANT SELECT, INSERT, UPDATE ON watch_record TO tapestry_app;
CALL share_table('watch_record', '{record_id}');

-- The Log as a watch log: everything that was done, without what was only looked at. The words are found as they are
-- written, in any language, from their beginnings.
CREATE FUNCTION is_deed(action text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT left(action, 5) <> 'view-' AND left(action, 5) <> 'plan-' AND left(action, 6) <> 'print-'
        AND action NOT IN ('open-live-view', 'show-case', 'download-form', 'propose-teams', 'export-roster')
$$;
CREATE FUNCTION words_of(actor text, action text, subject text, details json) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_tsvector('simple', actor || ' ' || action || ' ' || translate(subject, '/', ' ') || ' ' || details::text)
$$;
CREATE INDEX log_deeds ON log (at DESC, seq DESC) WHERE is_deed(action);
CREATE INDEX log_deeds_about ON log (subject, at DESC, seq DESC) WHERE is_deed(action);
CREATE INDEX log_words ON log USING gin (words_of(actor, action, subject, details)) WHERE is_deed(action);
CREATE INDEX log_corrections ON log ((details ->> 'corrects')) WHERE action = 'correct-entry';
CREATE INDEX alert_received ON alert (received_at DESC, alert_id DESC);
