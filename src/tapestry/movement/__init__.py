"""A movement's sheet from the request to the confirmed arrival: which command leads where, and what the checks notice.

In: a sheet, a command, who and when; plans, papers and passages as records. Out: the next sheet, findings, clocks.
Never: input or output, a clock of its own, a decision that no person made.
"""
