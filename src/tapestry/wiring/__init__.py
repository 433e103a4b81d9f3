"""The only room that names concrete adapters: it puts the house together and runs it.

In: settings from the command line. Out: a running hub, or the answer to one command. Never: a rule of the field.
Its modules are imported one by one, so that each role of a hub loads only what it needs.
"""
