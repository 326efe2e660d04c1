"""The store of feedback: what it acknowledges is on the disk."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from service.feedback.database import empty_log, open_database, stored
from service.feedback.records import FeedbackRecord, ModelRef, Scored
from service.feedback.skips import Skips
from service.feedback.tables import answers, records, skips

_PAGE = 1_000
"""Records read in one transaction."""
_SCALES = ("hostility", "formality")


class Answered(NamedTuple):
    """What was answered to an earlier request; empty where what it brought was deleted since.

    Attributes:
        body_sha256: hash of that request's body.
        answer: JSON text of the answer.
    """

    body_sha256: str
    answer: str


class FeedbackStore:
    """Records of feedback in SQLite, or in another database by its URL. Safe between threads.

    Args:
        address: path of a SQLite file, or a SQLAlchemy URL.

    Attributes:
        skips: quotes that raters put off.

    Raises:
        SettingsError: the address cannot be used.
        StoreUnavailable: the database cannot be reached or written.
    """

    def __init__(self, address: str) -> None:
        self._engine = open_database(address)
        dialect = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        self._insert = dialect.insert
        self.skips = Skips(self._engine, self._insert)

    def add(
        self,
        new: Iterable[FeedbackRecord],
        key: str | None = None,
        answered: Answered | None = None,
    ) -> list[str]:
        """Keep records, all or none; return the ids of those that were not there yet.

        Args:
            new: the records.
            key: of the request that brings them, to know it by when it is repeated.
            answered: what it is answered, kept with the records.

        Raises:
            StoreUnavailable: nothing was kept.
        """
        added: list[str] = []
        with stored(), self._engine.begin() as connection:
            if key is not None and answered is not None:
                # Two equal requests at once: the second waits here, and then fails as a whole.
                row = {"key": key, "created": _latest(new := list(new)), **answered._asdict()}
                connection.execute(answers.insert(), row)
            for record in new:
                row = _row(record) | {"answer_key": key}
                insert = self._insert(records).values(row).on_conflict_do_nothing()
                added += connection.scalars(insert.returning(records.c.id))
        return added

    def answered(self, key: str) -> Answered | None:
        """Return what was answered to the request of this key, if there was one."""
        query = sa.select(answers.c.body_sha256, answers.c.answer).where(answers.c.key == key)
        with stored(), self._engine.begin() as connection:
            row = connection.execute(query).one_or_none()
        return Answered(*row) if row else None

    def records(
        self, rater: str | None = None, since: str | None = None, limit: int | None = None
    ) -> Iterator[FeedbackRecord]:
        """Give records in the order of time, read a page at a time.

        Args:
            rater: only this one's.
            since: only those from this time on, RFC 3339 in UTC as ``records.rfc3339`` writes it.
            limit: this many, the newest.
        """
        wanted = _where(records, rater=rater, since=since)
        after: tuple[str, str] | None = None
        if limit is not None:
            newest = sa.select(records).where(*wanted).order_by(*_time(descending=True))
            yield from reversed(self._read(newest.limit(limit)))
            return
        while True:
            query = sa.select(records).where(*wanted).order_by(*_time()).limit(_PAGE)
            if after is not None:
                query = query.where(sa.tuple_(records.c.created, records.c.id) > after)
            page = self._read(query)
            yield from page
            if len(page) < _PAGE:
                return
            after = (page[-1].created, page[-1].id)

    def _read(self, query: sa.Select[Any]) -> list[FeedbackRecord]:
        with stored(), self._engine.begin() as connection:
            return [_record(row) for row in connection.execute(query).mappings()]

    def delete(
        self, *, ids: Sequence[str] = (), rater: str | None = None, before: str | None = None
    ) -> int:
        """Delete records by id, or by rater and time; return how many went.

        An answer to a request that brought one of them is emptied, so that nothing of it is left
        and the request, sent again, does not bring it back.

        Args:
            ids: these, whatever the rest.
            rater: all of this one's, unless ``before`` is given too; with it go the quotes that
                the rater put off.
            before: those older than this time; of all raters, answers to requests as old go too.
        """
        chosen: list[sa.ColumnElement[bool]] = [records.c.id.in_(list(ids))] if ids else []
        if rater is not None or before is not None:
            chosen.append(sa.and_(*_where(records, rater=rater, before=before)))
        if not chosen:
            return 0
        which = sa.or_(*chosen)
        brought = sa.select(records.c.answer_key).where(which, records.c.answer_key.is_not(None))
        emptied = answers.update().where(answers.c.key.in_(brought))
        with stored(), self._engine.begin() as connection:
            if before is not None and rater is None:
                connection.execute(answers.delete().where(answers.c.created < before))
            connection.execute(emptied.values(Answered("", "")._asdict()))
            if rater is not None or before is not None:
                older = _where(skips, rater=rater, before=before)
                connection.execute(skips.delete().where(*older))
            gone = connection.execute(records.delete().where(which)).rowcount
        empty_log(self._engine)
        return gone

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()


def _where(
    table: sa.Table,
    *,
    rater: str | None = None,
    since: str | None = None,
    before: str | None = None,
) -> list[sa.ColumnElement[bool]]:
    wanted: list[sa.ColumnElement[bool]] = []
    if rater is not None:
        wanted.append(table.c.rater == rater)
    if since is not None:
        wanted.append(table.c.created >= since)
    if before is not None:
        wanted.append(table.c.created < before)
    return wanted


def _time(descending: bool = False) -> list[sa.ColumnElement[Any]]:
    columns = [records.c.created, records.c.id]
    return [column.desc() for column in columns] if descending else list(columns)


def _latest(new: Sequence[FeedbackRecord]) -> str:
    return max(record.created for record in new)


def _row(record: FeedbackRecord) -> dict[str, Any]:
    row: dict[str, Any] = record.model_dump(exclude={*_SCALES, "scored", "model"})
    for scale in _SCALES:
        given = getattr(record, scale)
        row[scale], row[f"{scale}_way"] = (None, given) if isinstance(given, str) else (given, None)
        row[f"scored_{scale}"] = getattr(record.scored, scale, None)
    for part in ModelRef.model_fields:
        row[f"model_{part}"] = getattr(record.model, part, None)
    return row


def _record(row: sa.RowMapping) -> FeedbackRecord:
    names = set(FeedbackRecord.model_fields) - {*_SCALES, "scored", "model"}
    fields = {name: row[name] for name in names}
    for scale in _SCALES:
        fields[scale] = row[f"{scale}_way"] or row[scale]
    if row["scored_hostility"] is not None:
        fields["scored"] = Scored(**{scale: row[f"scored_{scale}"] for scale in _SCALES})
    if row["model_name"] is not None:
        fields["model"] = ModelRef(**{part: row[f"model_{part}"] for part in ModelRef.model_fields})
    return FeedbackRecord(**fields)
