"""Sentences and verdicts about what was measured."""
