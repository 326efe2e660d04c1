"""The first tables: records of feedback, and what was answered to repeated requests."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make both tables and their indexes."""
    op.create_table(
        "feedback",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("created", sa.String(32), nullable=False),
        sa.Column("rater", sa.String(100)),
        sa.Column("quote", sa.Text),
        sa.Column("quote_sha256", sa.String(64)),
        sa.Column("hostility", sa.Float),
        sa.Column("hostility_way", sa.String(6)),
        sa.Column("formality", sa.Float),
        sa.Column("formality_way", sa.String(6)),
        sa.Column("scored_hostility", sa.Float),
        sa.Column("scored_formality", sa.Float),
        sa.Column("model_name", sa.String(200)),
        sa.Column("model_version", sa.String(100)),
        sa.Column("model_sha256", sa.String(64)),
        sa.Column("request_id", sa.String(200)),
        sa.Column("note", sa.Text),
        sa.Column("source", sa.String(10), nullable=False),
    )
    op.create_index("feedback_by_time", "feedback", ["created", "id"])
    op.create_index("feedback_by_rater", "feedback", ["rater"])
    op.create_table(
        "feedback_answers",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("created", sa.String(32), nullable=False),
        sa.Column("body_sha256", sa.String(64), nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
    )
    op.create_index("feedback_answers_by_time", "feedback_answers", ["created"])
