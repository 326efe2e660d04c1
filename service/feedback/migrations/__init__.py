"""How a database of feedback comes to the tables of ``service.feedback.tables``, step by step.

A released step is never edited: a change of the tables is a further file in ``versions/``.
"""
