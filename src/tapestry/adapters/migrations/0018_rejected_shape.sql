-- Rejected frames stand together by the shape of their reason. Those kept before have their own reason as one.
ALTER TABLE rejected ADD COLUMN shape text NOT NULL DEFAULT '';
UPDATE rejected SET shape = reason;
