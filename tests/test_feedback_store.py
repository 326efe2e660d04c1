"""The store of feedback, on SQLite and on PostgreSQL: what it acknowledges is there, once."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from service.errors import SettingsError, StoreUnavailable
from service.feedback import tables
from service.feedback.records import sha256_of
from service.feedback.store import Answered, FeedbackStore
from tests.databases import QUOTE, a_record, contents, engine_of

SHA = "0f" * 32


@pytest.fixture
def store(database: str) -> Iterator[FeedbackStore]:
    store = FeedbackStore(database)
    yield store
    store.close()


def test_a_record_comes_back_as_it_was_after_the_store_was_closed(database: str) -> None:
    record = a_record(
        formality="lower",
        rater="desk-2",
        scored={"hostility": 0.5, "formality": 0.25},
        model={"name": "diplotone", "version": "1.2.0", "sha256": SHA},
        request_id="r1",
        note="too \u201ccalm\u201d",
        source="label",
    )
    first = FeedbackStore(database)
    assert first.add([record]) == [record.id]
    first.close()
    second = FeedbackStore(database)
    assert list(second.records()) == [record]
    assert record.quote_sha256 == sha256_of(QUOTE)
    second.close()


def test_an_id_is_kept_once_and_its_first_record_stays(store: FeedbackStore) -> None:
    assert store.add([a_record(1), a_record(2)]) == ["fb_0001", "fb_0002"]
    assert store.add([a_record(2, hostility=0.1), a_record(3)]) == ["fb_0003"]
    assert [record.hostility for record in store.records()] == [0.75, 0.75, 0.75]


def test_records_come_in_the_order_of_time_over_several_pages(
    store: FeedbackStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.feedback.store._PAGE", 4)
    store.add(a_record(number) for number in range(27, 0, -1))
    store.add([a_record(100 + n, created="2026-11-05T09:00:00Z") for n in range(6)])
    found = list(store.records())
    assert len({record.id for record in found}) == len(found) == 33
    assert found == sorted(found, key=lambda record: (record.created, record.id))


def test_records_are_chosen_by_rater_time_and_number(store: FeedbackStore) -> None:
    store.add([a_record(n, rater="a" if n % 2 else "b") for n in range(1, 11)])
    since = a_record(5).created
    assert [r.id for r in store.records(rater="a", since=since)] == [
        "fb_0005",
        "fb_0007",
        "fb_0009",
    ]
    assert [r.id for r in store.records(limit=2)] == ["fb_0009", "fb_0010"]


@pytest.mark.parametrize(
    ("chosen", "left"),
    [
        ({"ids": ["fb_0001", "fb_0004"]}, [2, 3]),
        ({"rater": "a"}, [2, 4]),
        ({"before": "2026-11-04T09:00:00.000000Z"}, [3, 4]),
        ({"rater": "a", "before": "2026-11-04T09:00:00.000000Z"}, [2, 3, 4]),
    ],
)
def test_deletion_takes_what_was_named_and_nothing_else(
    store: FeedbackStore, chosen: dict[str, object], left: list[int]
) -> None:
    store.add([a_record(n, rater="a" if n % 2 else "b") for n in range(1, 5)])
    gone = store.delete(**chosen)  # type: ignore[arg-type]
    assert [record.id for record in store.records()] == [f"fb_{n:04}" for n in left]
    assert gone == 4 - len(left)


def test_what_was_answered_goes_with_the_records_and_stays_known_as_deleted(
    store: FeedbackStore, database: str
) -> None:
    for key, rater in (("k1", "ada"), ("k2", "bo"), ("k3", "cy")):
        answer = Answered(SHA[:-2] + key, f"kept for {rater}")
        record = a_record(id=f"r-{rater}", rater=rater, note=f"by {rater}")
        store.add([record], key, answer)
        store.skips.add(rater, sha256_of(rater))
    assert store.delete(rater="ada", before="2026-11-01T00:00:00.000000Z") == 0
    assert store.delete(rater="ada") == 1
    assert store.delete(ids=["r-bo"]) == 1
    assert store.answered("k1") == store.answered("k2") == Answered("", "")
    assert store.answered("k3") == Answered(SHA[:-2] + "k3", "kept for cy")
    assert store.skips.read() == [("bo", sha256_of("bo")), ("cy", sha256_of("cy"))]
    left = contents(database)
    for gone in ("ada", sha256_of("ada"), SHA[:-2] + "k1", "by bo", "kept for bo"):
        assert gone not in left
    assert "by cy" in left
    if "://" not in database:  # of PostgreSQL's own files nothing can be said
        files = b"".join(file.read_bytes() for file in Path(database).parent.iterdir())
        assert b"by cy" in files
        assert not any(gone in files for gone in (b"by ada", b"by bo", b"kept for ada"))


def test_an_older_database_learns_which_request_brought_what(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.feedback.database.NEWEST", "0001")
    old = FeedbackStore(database)
    answer = {"results": [{"id": "fb_0001"}, {"id": None, "error": {}}]}
    rows = [
        sa.text("INSERT INTO feedback (id, created, source) VALUES (:id, '2026', 'api')"),
        sa.text("INSERT INTO feedback_answers VALUES ('k', '2026', 'h', :answer)"),
    ]
    with old._engine.begin() as connection:  # noqa: SLF001 - as the earlier version wrote it
        for record in ("fb_0001", "fb_0002"):
            connection.execute(rows[0], {"id": record})
        connection.execute(rows[1], {"answer": json.dumps(answer)})
    old.close()
    monkeypatch.undo()
    store = FeedbackStore(database)
    assert store.answered("k") == Answered("h", json.dumps(answer))
    store.delete(ids=["fb_0002"])
    assert store.answered("k") == Answered("h", json.dumps(answer))
    store.delete(ids=["fb_0001"])
    assert store.answered("k") == Answered("", "")
    store.close()


def test_an_answer_is_kept_with_its_records_or_neither_is(store: FeedbackStore) -> None:
    first = Answered(SHA, '{"results": []}')
    store.add([a_record(1)], "key", first)
    assert store.answered("key") == first
    assert store.answered("another") is None
    with pytest.raises(StoreUnavailable):
        store.add([a_record(2)], "key", first)
    assert [record.id for record in store.records()] == ["fb_0001"]
    store.delete(before="2027-01-01T00:00:00.000000Z")
    assert store.answered("key") is None


def test_the_migrations_lead_to_the_tables_that_the_code_reads(database: str) -> None:
    FeedbackStore(database).close()
    engine = engine_of(database)
    found = sa.MetaData()
    found.reflect(engine)
    engine.dispose()
    for table in tables.metadata.sorted_tables:
        there = found.tables[table.name]
        columns = {c.name: (str(c.type).upper(), c.nullable) for c in there.columns}
        for column in table.columns:
            kind = {"FLOAT": "DOUBLE PRECISION"} if "postgresql" in database else {}
            wanted = str(column.type).upper()
            assert columns[column.name] == (kind.get(wanted, wanted), column.nullable)
        assert {i.name for i in table.indexes} == {i.name for i in there.indexes}


def test_a_database_of_a_newer_version_is_refused(database: str) -> None:
    FeedbackStore(database).close()
    engine = engine_of(database)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(SettingsError, match=r"another version of diplotone.*9999"):
        FeedbackStore(database)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("nowhere://x", "neither the path of a SQLite file nor a SQLAlchemy URL"),
        ("postgresql+absent://x", "neither the path of a SQLite file nor a SQLAlchemy URL"),
    ],
)
def test_an_address_that_is_none_is_refused(address: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        FeedbackStore(address)


def test_a_database_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="unable to open database file"):
        FeedbackStore(str(tmp_path / "absent" / "f.db"))
    with pytest.raises(StoreUnavailable, match=r"connection .*failed.*nothing was kept"):
        FeedbackStore(f"postgresql+psycopg://nobody@/none?host={tmp_path}")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"hostility": 1.1}, "a number from 0 to 1"),
        ({"hostility": True}, "a number from 0 to 1"),
        ({"hostility": None}, "correct hostility or formality"),
        ({"quote": None}, "name a quote or a request_id"),
        ({"quote_sha256": SHA}, "SHA-256 of quote"),
        ({"created": "yesterday"}, "RFC 3339"),
        ({"created": "2026-11-25T09:00:00"}, "RFC 3339"),
        ({"rater": "a\x00"}, "no zero character"),
        ({"note": "\ud800"}, "half of a pair"),
        ({"colour": "red"}, "Extra inputs"),
    ],
)
def test_a_record_that_makes_no_sense_is_refused(fields: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        a_record(**fields)
