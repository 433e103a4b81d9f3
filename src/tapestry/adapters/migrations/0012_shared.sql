-- What centres tell one another of distress, teams, taskings and evacuations.
CALL share_table('distress_case', '{case_id}');
CALL share_table('distress_call', '{alert_id}');
CALL share_table('case_entry', '{entry_id}');
CALL share_table('case_delivery', '{case_id,desk}');
CALL share_table('case_step', '{case_id,raise_count,step,round}');
CALL share_table('team', '{team_id}');
CALL share_table('team_position', '{team_id}');
CALL share_table('medevac', '{medevac_id}');
CALL share_table('tasking', '{tasking_id}');
