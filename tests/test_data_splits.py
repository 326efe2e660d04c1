"""The splits: shares as stated, no leak between them, stable under growth."""

import random

from data.records import CorpusRow, Quote
from data.splits import SPLITS, split_quotes

WORDS = [f"word{number}" for number in range(3000)]


def sentence(rng: random.Random, length: int = 14) -> str:
    return " ".join(rng.choices(WORDS, k=length))


def corpus_rows(
    count: int, *, voices: tuple[str, ...] = ("ministry", "news-quotes")
) -> list[CorpusRow]:
    rng = random.Random(5)
    return [
        CorpusRow(
            id=f"{voice}-{number:04}",
            text=sentence(rng),
            hostility=0.25,
            formality=0.5,
            raters=2,
            voice=voice,
            topic="t",
            act="a",
            contrast_set=number // 4 if voice == "ministry" and number < 40 else None,
            split="test" if voice == "news-quotes" else "train",
        )
        for voice in voices
        for number in range(count)
    ]


def real_quotes(count: int, *, per_document: int = 2, source: str = "real/talks") -> list[Quote]:
    rng = random.Random(source)
    return [
        Quote(
            id=f"{source}/{number:04}",
            text=sentence(rng),
            hostility=0.1,
            formality=0.6,
            source=source,
            group=f"{source}/doc-{number // per_document}",
            raters=None,
        )
        for number in range(count)
    ]


def place_of(splits: dict[str, list[Quote]]) -> dict[str, str]:
    return {quote.id: name for name, quotes in splits.items() for quote in quotes}


def test_shares_and_the_test_split_are_as_stated() -> None:
    rows, real = corpus_rows(1000), real_quotes(2000, per_document=1)
    splits = split_quotes(rows, real, seed=1)
    assert set(splits) == {*SPLITS, "dropped"}
    assert sum(map(len, splits.values())) == 4000
    assert [quote.id for quote in splits["test"]] == [
        row.id for row in rows if row.voice == "news-quotes"
    ]
    sources = [quote.source for quote in splits["validation"]]
    assert 70 <= sources.count("corpus/ministry") <= 130
    assert 150 <= sources.count("real/talks") <= 250
    assert 80 <= len(splits["test_real"]) <= 160
    assert {quote.source for quote in splits["test_real"]} == {"real/talks"}
    assert splits["dropped"] == []


def test_no_group_is_in_two_splits() -> None:
    splits = split_quotes(corpus_rows(300), real_quotes(900, per_document=3), seed=2)
    home: dict[str, str] = {}
    for name, quotes in splits.items():
        for quote in quotes:
            assert home.setdefault(quote.group, name) == name


def test_near_duplicates_chain_documents_into_one_split() -> None:
    real = real_quotes(400, per_document=1)
    # Each row repeats the one before it in all but the first word: 400 documents, one group.
    tail = "we shall never accept this proposal in any form whatever the others may say"
    chained = [
        quote.model_copy(update={"text": f"{quote.text.split()[0]} {tail}"}) for quote in real
    ]
    splits = split_quotes([], chained, seed=3)
    assert sorted(len(quotes) for quotes in splits.values()) == [0, 0, 0, 0, 400]


def test_a_group_with_a_corpus_row_is_never_in_test_real() -> None:
    rows, real = corpus_rows(600, voices=("leaders",)), real_quotes(600, per_document=1)
    twins = [
        quote.model_copy(update={"text": row.text.upper() + "!"})
        for quote, row in zip(real, rows, strict=True)
    ]
    splits = split_quotes(rows, twins, seed=4)
    home = place_of(splits)
    assert splits["test_real"] == []
    assert all(home[row.id] == home[twin.id] for row, twin in zip(rows, twins, strict=True))
    assert len(splits["validation"]) > 60


def test_a_near_duplicate_of_a_test_row_is_dropped() -> None:
    rows, real = corpus_rows(50), real_quotes(50)
    target = next(row for row in rows if row.voice == "news-quotes")
    rows[0] = rows[0].model_copy(update={"text": target.text + " indeed"})
    real[7] = real[7].model_copy(update={"text": "\u201c" + target.text.title() + "\u201d"})
    splits = split_quotes(rows, real, seed=1)
    assert [quote.id for quote in splits["dropped"]] == [rows[0].id, real[7].id]
    assert len(splits["test"]) == 50


def test_a_member_of_a_test_row_s_group_is_dropped() -> None:
    rows = corpus_rows(20)
    rows[-1] = rows[-1].model_copy(update={"contrast_set": 0})
    dropped = split_quotes(rows, [], seed=1)["dropped"]
    assert [quote.id for quote in dropped] == [f"ministry-{number:04}" for number in range(4)]


def test_every_source_is_in_validation_and_in_training() -> None:
    real = [
        quote
        for number in range(30)
        for quote in real_quotes(12, per_document=4, source=f"real/small-{number}")
    ]
    for seed in range(3):
        splits = split_quotes([], real, seed=seed)
        for name in ("validation", "train"):
            missing = 30 - len({quote.source for quote in splits[name]})
            # With three documents two may fall to test_real; the third then stays in training.
            assert missing <= (2 if name == "validation" else 0)


def test_same_rows_and_seed_give_the_same_splits_whatever_their_order() -> None:
    rows, real = corpus_rows(200), real_quotes(300)
    first = place_of(split_quotes(rows, real, seed=9))
    assert place_of(split_quotes(rows[::-1], real[::-1], seed=9)) == first
    assert place_of(split_quotes(rows, real, seed=10)) != first


def test_adding_rows_leaves_the_others_where_they_were() -> None:
    rows, real = corpus_rows(200), real_quotes(600)
    before = place_of(split_quotes(rows, real[:300], seed=9))
    after = place_of(split_quotes(rows, real, seed=9))
    assert {name: after[name] for name in before} == before


def test_fifteen_thousand_rows_find_one_split_each() -> None:
    splits = split_quotes(corpus_rows(3400), real_quotes(7900), seed=1)
    assert len(place_of(splits)) == sum(map(len, splits.values())) == 14_700
    assert splits["dropped"] == []
    assert len(splits["test"]) == 3400


def test_a_corpus_without_the_test_voice_gives_a_tenth_of_its_groups() -> None:
    own = [
        Quote(
            id=f"own-{i}",
            text=f"statement number {i} about matter {i * 7}",
            hostility=0.5,
            formality=0.5,
            source="own",
            group=f"own-{i}",
            raters=None,
        )
        for i in range(400)
    ]
    splits = split_quotes(own, [], seed=0)
    assert 20 <= len(splits["test"]) <= 60
    assert 20 <= len(splits["validation"]) <= 60
    assert not {q.id for q in splits["test"]} & {q.id for q in splits["train"]}
