-- People, permits, files: see the next version of this file.
SELECT 1;
