"""Tests of the room of distress."""
