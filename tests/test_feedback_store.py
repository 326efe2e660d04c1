"""The store of feedback, on SQLite and on PostgreSQL: what it acknowledges is there, once."""

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from service.errors import SettingsError, StoreUnavailable
from service.feedback import tables
from service.feedback.records import FeedbackRecord, sha256_of
from service.feedback.store import Answered, FeedbackStore
from tests.databases import has_postgresql, postgresql

QUOTE = "hateful sophistry \u2014 \U0001f600"
SHA = "0f" * 32


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    if not has_postgresql():
        pytest.skip("PostgreSQL is not installed here")
    with postgresql() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without tables."""
    if request.param == "sqlite":
        return str(tmp_path / "feedback.db")
    url: str = request.getfixturevalue("server")
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
    engine.dispose()
    return url


@pytest.fixture
def store(address: str) -> Iterator[FeedbackStore]:
    store = FeedbackStore(address)
    yield store
    store.close()


@pytest.fixture
def make() -> Callable[..., FeedbackRecord]:
    def make(number: int = 1, **fields: object) -> FeedbackRecord:
        given = {
            "id": f"fb_{number:04}",
            "created": f"2026-11-{number % 28 + 1:02}T09:00:00Z",
            "quote": QUOTE,
            "hostility": 0.75,
        }
        return FeedbackRecord.model_validate(given | fields)

    return make


Make = Callable[..., FeedbackRecord]


def test_a_record_comes_back_as_it_was_after_the_store_was_closed(address: str, make: Make) -> None:
    record = make(
        formality="lower",
        rater="desk-2",
        scored={"hostility": 0.5, "formality": 0.25},
        model={"name": "diplotone", "version": "1.2.0", "sha256": SHA},
        request_id="r1",
        note="too \u201ccalm\u201d",
        source="label",
    )
    first = FeedbackStore(address)
    assert first.add([record]) == [record.id]
    first.close()
    second = FeedbackStore(address)
    assert list(second.records()) == [record]
    assert record.quote_sha256 == sha256_of(QUOTE)
    second.close()


def test_an_id_is_kept_once_and_its_first_record_stays(store: FeedbackStore, make: Make) -> None:
    assert store.add([make(1), make(2)]) == ["fb_0001", "fb_0002"]
    assert store.add([make(2, hostility=0.1), make(3)]) == ["fb_0003"]
    assert [record.hostility for record in store.records()] == [0.75, 0.75, 0.75]


def test_records_come_in_the_order_of_time_over_several_pages(
    store: FeedbackStore, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.feedback.store._PAGE", 4)
    store.add(make(number) for number in range(27, 0, -1))
    store.add([make(100 + n, created="2026-11-05T09:00:00Z") for n in range(6)])
    found = list(store.records())
    assert len({record.id for record in found}) == len(found) == 33
    assert found == sorted(found, key=lambda record: (record.created, record.id))


def test_records_are_chosen_by_rater_time_and_number(store: FeedbackStore, make: Make) -> None:
    store.add([make(n, rater="a" if n % 2 else "b") for n in range(1, 11)])
    since = make(5).created
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
    store: FeedbackStore, make: Make, chosen: dict[str, object], left: list[int]
) -> None:
    store.add([make(n, rater="a" if n % 2 else "b") for n in range(1, 5)])
    gone = store.delete(**chosen)  # type: ignore[arg-type]
    assert [record.id for record in store.records()] == [f"fb_{n:04}" for n in left]
    assert gone == 4 - len(left)


def test_an_answer_is_kept_with_its_records_or_neither_is(store: FeedbackStore, make: Make) -> None:
    first = Answered(SHA, '{"results": []}')
    store.add([make(1)], "key", first)
    assert store.answered("key") == first
    assert store.answered("another") is None
    with pytest.raises(StoreUnavailable):
        store.add([make(2)], "key", first)
    assert [record.id for record in store.records()] == ["fb_0001"]
    store.delete(before="2027-01-01T00:00:00.000000Z")
    assert store.answered("key") is None


def test_writers_at_the_same_time_lose_nothing(address: str, make: Make) -> None:
    stores = [FeedbackStore(address) for _ in range(4)]

    def write(place: int) -> list[str]:
        mine: list[str] = []
        for n in range(10):
            mine += stores[place % 4].add([make(100 * place + n), make(100 * place + n + 50)])
        return mine

    with ThreadPoolExecutor(8) as pool:
        added = [record for some in pool.map(write, range(8)) for record in some]
    assert len(added) == len(set(added)) == 160
    assert {record.id for record in stores[0].records()} == set(added)
    for store in stores:
        store.close()


def test_the_migrations_lead_to_the_tables_that_the_code_reads(address: str) -> None:
    FeedbackStore(address).close()
    engine = sa.create_engine(address if "://" in address else f"sqlite:///{address}")
    found = sa.MetaData()
    found.reflect(engine)
    engine.dispose()
    for table in tables.metadata.sorted_tables:
        there = found.tables[table.name]
        columns = {c.name: (str(c.type).upper(), c.nullable) for c in there.columns}
        for column in table.columns:
            kind = {"FLOAT": "DOUBLE PRECISION"} if "postgresql" in address else {}
            wanted = str(column.type).upper()
            assert columns[column.name] == (kind.get(wanted, wanted), column.nullable)
        assert {i.name for i in table.indexes} == {i.name for i in there.indexes}


def test_a_database_of_a_newer_version_is_refused(address: str) -> None:
    FeedbackStore(address).close()
    engine = sa.create_engine(address if "://" in address else f"sqlite:///{address}")
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(SettingsError, match=r"another version of diplotone.*9999"):
        FeedbackStore(address)


def test_sqlite_writes_ahead_and_reaches_the_disk_at_each_commit(tmp_path: Path) -> None:
    store = FeedbackStore(str(tmp_path / "f.db"))
    with store._engine.connect() as connection:  # noqa: SLF001 - what the file was opened with
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in PRAGMAS]
    assert found == list(PRAGMAS.values())
    store.close()


PRAGMAS = {"journal_mode": "wal", "synchronous": 2}


def test_a_full_disk_keeps_nothing_of_what_it_refuses(tmp_path: Path, make: Make) -> None:
    path = tmp_path / "f.db"
    store = FeedbackStore(str(path))
    with store._engine.connect() as connection:  # noqa: SLF001 - a disk that ends here
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    kept: list[str] = []
    with pytest.raises(StoreUnavailable, match=r"full.*nothing was kept"):
        for n in range(1000):
            kept += store.add([make(n, note="x" * 1000)])
    store.close()
    database = sqlite3.connect(path)
    found = [row[0] for row in database.execute("SELECT id FROM feedback ORDER BY id")]
    database.close()
    assert found == kept != []


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


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="unable to open database file"):
        FeedbackStore(str(tmp_path / "absent" / "f.db"))


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
def test_a_record_that_makes_no_sense_is_refused(
    make: Make, fields: dict[str, object], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        make(**fields)
