"""Tests of the room of position reports."""
