"""Downloads raw files into the cache, several at once, and gives up early and politely.

Built on pooch: it writes to a temporary file, checks the SHA-256 and only then moves the file
into place, so whatever lies in the cache is whole and an interrupted run goes on where it was.
Files of a few megabytes are read whole (`stream=False`): pooch leaves a streamed connection open
when an answer is an error.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pooch
import requests
from tqdm import tqdm

from data.sources import Source

_WORKERS = 8
_TRIES = 3
# "Too many requests" and a gateway's passing troubles: worth another try.
_PASSING = {429, 502, 503, 504}


def fetch_files(
    wanted: Mapping[str, Sequence[str]],
    sources: Mapping[str, Source],
    folder: Path,
    *,
    timeout: float,
    progress: bool,
) -> dict[str, str]:
    """Fetch `wanted` (source name to files) to `<folder>/<source>/<file>`.

    Returns the reason for each source that is not whole afterwards. A host that nobody can
    connect to costs one `timeout` (seconds) for all its sources together; a source is dropped
    at its first failure, its remaining files are not tried.
    """
    failures = _probe_hosts(wanted, sources, timeout)
    stops = {name: threading.Event() for name in wanted if name not in failures}
    bars = _open_bars(wanted, stops, progress)
    pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="fetch")
    tasks: dict[Future[bool], tuple[str, str]] = {}
    try:
        with _quiet_pooch():
            for name, stop in stops.items():
                for file in wanted[name]:
                    task = pool.submit(_fetch, sources[name], file, folder / name, timeout, stop)
                    tasks[task] = (name, file)
            for task in as_completed(tasks):
                name, file = tasks[task]
                try:
                    bars[name].update(task.result())
                except (OSError, ValueError) as error:
                    failures.setdefault(name, _explain(error, sources[name].url(file), timeout))
    finally:
        for stop in stops.values():
            stop.set()
        pool.shutdown(wait=True, cancel_futures=True)
        for bar in bars.values():
            bar.close()
    return failures


def _fetch(source: Source, file: str, folder: Path, timeout: float, stop: threading.Event) -> bool:
    """Download one file; False if its source was given up meanwhile. A failure gives it up."""
    try:
        for attempt in range(1, _TRIES + 1):
            if stop.is_set():
                break
            try:
                pooch.retrieve(
                    source.url(file),
                    known_hash=f"sha256:{source.files[file]}",
                    fname=file.rpartition("/")[2],
                    path=(folder / file).parent,
                    downloader=pooch.HTTPDownloader(timeout=timeout, stream=False),
                )
                return True
            except requests.HTTPError as error:
                answer = error.response
                if answer is None or answer.status_code not in _PASSING or attempt == _TRIES:
                    raise
                stop.wait(_pause(answer.headers.get("Retry-After"), attempt, timeout))
    except BaseException:
        stop.set()
        raise
    return False


def _pause(retry_after: str | None, attempt: int, timeout: float) -> float:
    """Seconds to wait before the next try: what the server asks, but never above `timeout`."""
    asked = float(retry_after) if retry_after and retry_after.isdecimal() else 2.0**attempt
    return min(asked, timeout)


def _probe_hosts(
    wanted: Mapping[str, Sequence[str]], sources: Mapping[str, Source], timeout: float
) -> dict[str, str]:
    """Ask each host for one file's header; returns the sources whose host does not answer.

    Neither name resolution nor a connection that tries several addresses in turn keeps to a
    timeout, so each question is put by a daemon thread and waited for only so long.
    """
    questions: dict[str, tuple[threading.Thread, list[str]]] = {}
    for name, files in wanted.items():
        url = sources[name].url(files[0])
        host = urlsplit(url).netloc
        if host not in questions:
            answer: list[str] = []
            thread = threading.Thread(target=_ask, args=(url, timeout, answer), daemon=True)
            thread.start()
            questions[host] = (thread, answer)
    deadline = time.monotonic() + timeout
    silent: dict[str, str] = {}
    for host, (thread, answer) in questions.items():
        thread.join(max(0.0, deadline - time.monotonic()))
        reason = answer[0] if answer else f"{host} did not answer within {timeout:g} s"
        if reason:
            silent[host] = reason
    hosts = {name: urlsplit(sources[name].url(files[0])).netloc for name, files in wanted.items()}
    return {name: silent[host] for name, host in hosts.items() if host in silent}


def _ask(url: str, timeout: float, answer: list[str]) -> None:
    """Append "" if the host answers at all (any status will do), else the reason."""
    try:
        requests.head(url, timeout=timeout)
    except requests.RequestException as error:
        answer.append(_explain(error, url, timeout))
    else:
        answer.append("")


def _explain(error: BaseException, url: str, timeout: float) -> str:
    """One clause for a failure; the library's own messages fill several lines."""
    host = urlsplit(url).netloc
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"{host} answered {error.response.status_code} for {url}"
    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return f"{host} did not answer within {timeout:g} s"
    if isinstance(error, requests.RequestException):
        return f"{host} could not be reached or broke off"
    if isinstance(error, OSError):
        return f"the cache cannot be written: {error.strerror or error}"
    return f"{url} is not the registered file (its SHA-256 differs)"


def _open_bars(
    wanted: Mapping[str, Sequence[str]], names: Iterable[str], progress: bool
) -> dict[str, tqdm[None]]:
    return {
        name: tqdm(
            total=len(wanted[name]),
            desc=name,
            unit="file",
            position=place,
            disable=not progress,
            mininterval=0.5,
        )
        for place, name in enumerate(names)
    }


@contextmanager
def _quiet_pooch() -> Iterator[None]:
    """Silence pooch's line per file; the bars and the reports say what happens."""
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
