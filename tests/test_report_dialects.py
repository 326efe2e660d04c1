"""`diplotone report` on what `batch` wrote of files whose fields are kept apart in other ways."""

from pathlib import Path

import pytest

from tests.scored_files import page_in, report, run


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the pictures out, which take a while."""
    monkeypatch.setattr("service.report.page.inline", lambda picture: picture.alt)


def test_files_of_several_dialects_are_read_as_batch_wrote_them(
    tmp_path: Path, artifact: Path, undrawn: None
) -> None:
    (tmp_path / "in").mkdir()
    texts = {
        "a.csv": "who,quote\n'Rome, Italy','It''s late, \"clowns\".'\nOslo,'We regret it, all.'\n",
        "b.csv": 'quote;who\n"We note this; it\'s late.";Oslo\n"You clowns.";\'Rome\'\n',
        "c.csv": "'who'\t'quote'\n'Oslo'\t'deep regret'\n",
        "d.csv": "who^quote\nBern^'We thank you.'\n",
    }
    for name, text in texts.items():
        (tmp_path / "in" / name).write_text(text)
    (tmp_path / "in" / "d.csv").rename(tmp_path / "d.csv")
    more = ("--artifact", str(artifact))
    assert run(tmp_path, "batch", "in", "-o", "scored", *more).exit_code == 0
    done = report(tmp_path, "scored", "--group", "who")
    assert done.exit_code == 0, done.output
    assert "Report on 5 scored rows" in done.output
    page = page_in(tmp_path)
    assert 'It\'s late, "clowns".' in page.text and "We note this; it's late." in page.text
    assert "Rome, Italy" in page.text and "'Rome'" in page.text
    done = run(tmp_path, "batch", "d.csv", "-o", "e.csv", "--delimiter", "^", *more)
    assert done.exit_code == 0, done.output
    assert report(tmp_path, "e.csv").exit_code == 2
    done = report(tmp_path, "e.csv", "--group", "who", "--delimiter", "^")
    assert done.exit_code == 0 and "Report on 1 scored rows" in done.output
    done = report(tmp_path, "e.csv", "--delimiter", "§")
    assert done.exit_code == 2 and "§" in done.output
