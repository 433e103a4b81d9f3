-- What was read of a text message as a report of a position: the place and its time, or why none was taken.
ALTER TABLE inbound_text ADD COLUMN posrep jsonb;
