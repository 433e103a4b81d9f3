"""The benches: what the hub does on this machine, measured from outside, beside what it has to do.

`python -m bench` runs every part and writes docs/figures.md; `python -m bench NAME` runs one. The load
generator shares the machine with the hub. Nothing here is a test: a figure is looked at by people.
"""
