-- What is too old goes: only these kinds, and each deletion is in the Log.
GRANT DELETE ON position, position_quality, stored_file TO tapestry_app;
GRANT DELETE ON phone_message TO tapestry_app;
