"""Corrections that people send back: taken, kept durably, listed, exported. Off unless set.

Needs the extra "feedback" (SQLAlchemy, Alembic). ``store.FeedbackStore`` is the way in for others.
"""
