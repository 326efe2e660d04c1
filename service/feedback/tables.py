"""The tables, as the code reads them now; ``migrations/`` says how a database gets there."""

from sqlalchemy import Column, Float, Index, MetaData, String, Table, Text

metadata = MetaData()

# Times are RFC 3339 text, which sorts as time does and is the same in every database.
records = Table(
    "feedback",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("created", String(32), nullable=False),
    Column("rater", String(100)),
    Column("quote", Text),
    Column("quote_sha256", String(64)),
    Column("hostility", Float),
    Column("hostility_way", String(6)),
    Column("formality", Float),
    Column("formality_way", String(6)),
    Column("scored_hostility", Float),
    Column("scored_formality", Float),
    Column("model_name", String(200)),
    Column("model_version", String(100)),
    Column("model_sha256", String(64)),
    Column("request_id", String(200)),
    Column("note", Text),
    Column("source", String(10), nullable=False),
    Column("answer_key", String(64)),  # of the request that brought it, where that had a key
    Index("feedback_by_time", "created", "id"),
    Index("feedback_by_rater", "rater"),
)

# What was answered to a request with an Idempotency-Key; hash and answer are empty where
# something that the request brought was deleted since.
answers = Table(
    "feedback_answers",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("created", String(32), nullable=False),
    Column("body_sha256", String(64), nullable=False),
    Column("answer", Text, nullable=False),
    Index("feedback_answers_by_time", "created"),
)

# Quotes that a rater put off on the page for raters.
skips = Table(
    "feedback_skips",
    metadata,
    Column("rater", String(100), primary_key=True),
    Column("quote_sha256", String(64), primary_key=True),
    Column("created", String(32), nullable=False),
)
