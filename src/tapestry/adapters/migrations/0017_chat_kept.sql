-- Messages of TAK devices and of people never change, and go when they are too old, with what became of them: they hold places.
CREATE TRIGGER chat_message_append_only BEFORE UPDATE OR TRUNCATE ON chat_message
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE INDEX chat_message_received ON chat_message (received_at);
GRANT DELETE ON chat_message TO tapestry_app;
