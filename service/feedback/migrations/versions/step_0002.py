"""Which request brought a record, so that its answer can go with it; quotes that raters put off."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column and the table, and say of the records that are there who brought them."""
    op.add_column("feedback", sa.Column("answer_key", sa.String(64)))
    op.create_table(
        "feedback_skips",
        sa.Column("rater", sa.String(100), primary_key=True),
        sa.Column("quote_sha256", sa.String(64), primary_key=True),
        sa.Column("created", sa.String(32), nullable=False),
    )
    connection = op.get_bind()
    records = sa.table("feedback", sa.column("id"), sa.column("answer_key"))
    answers = sa.table("feedback_answers", sa.column("key"), sa.column("answer"))
    for key, answer in connection.execute(sa.select(answers.c.key, answers.c.answer)).all():
        ids = [result["id"] for result in json.loads(answer)["results"] if result["id"]]
        brought = records.update().where(records.c.id.in_(ids)).values(answer_key=key)
        connection.execute(brought)
