"""Ways over a road net: alternatives between places, when a convoy gets where, and which roads a track took.

In: a road graph and points as columns. Out: routes, expected times with a range, matched roads.
Never: input or output, a clock of its own.
"""
