"""Which model is served: loaded, watched, and replaced as a whole while requests go on.

Each request keeps the ``Service`` that was current when it came, so all its scores and the name of
the model come from one artifact. A replaced one goes on until its last request must have ended.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from starlette.datastructures import State

from model.errors import ToneError
from service.answers import model_card
from service.errors import RequestError
from service.gate import ScoringGate
from service.logs import SERVICE
from service.metrics import Metrics
from service.quota import Quota
from service.schemas import ModelCard, ModelName
from service.scoring import ServedScorer
from service.settings import Settings

WATCH_SECONDS = 1.0
"""Time between two looks at the worker."""
SHORTEST_HASH = 6
"""Least digits by which a request may name a model."""
RETRY_SECONDS = 60.0
"""Time until the next look after a replacement that could not be loaded."""

_log = logging.getLogger(SERVICE)


Load = Callable[[Settings], ServedScorer]
"""Verifies, loads and warms the model that the settings name."""


@dataclass(frozen=True, slots=True)
class Service:
    """What one running app consists of.

    Attributes:
        settings: its limits.
        gate: its way to the scorer.
        model: which model the scorer holds.
        card: what ``GET /v1/model`` says.
        quota: what each caller may ask for; None without a limit.
        others: further models, for requests that name one.
    """

    settings: Settings
    gate: ScoringGate
    model: ModelName
    card: ModelCard
    quota: Quota | None
    others: "tuple[Service, ...]" = ()

    @property
    def every(self) -> "tuple[Service, ...]":
        """This one and the others."""
        return (self, *self.others)

    def problem(self) -> str | None:
        """Return why no more work should be sent here, or None when all is well."""
        return next((found for one in self.every if (found := one.gate.problem())), None)

    def pinned(self, wanted: str | None) -> "Service":
        """Return the one with the model that a request names; this one where it names none.

        Args:
            wanted: version, or at least the first six digits of the SHA-256.

        Raises:
            RequestError: no model is so called, or more than one; names those that are loaded.
        """
        if wanted is None:
            return self
        found = [
            one
            for one in self.every
            if wanted == one.model.version
            or (len(wanted) >= SHORTEST_HASH and one.model.sha256.startswith(wanted))
        ]
        if len(found) == 1:
            return found[0]
        models = (one.model for one in self.every)
        loaded = ", ".join(f"{m.name} {m.version} ({m.sha256[:12]})" for m in models)
        many = "More than one model is" if found else "No model is"
        message = f"{many} called that; loaded: {loaded}. Name a version or a SHA-256."
        raise RequestError(404, "unknown_model", message, "model")


class Serving:
    """Keeps ``state.service``, the service of new requests, filled with one that works.

    Args:
        state: of the app.
        settings: limits, and where the model lies.
        metrics: told of the queue and of the model.
        load: loads the model.
    """

    def __init__(self, state: State, settings: Settings, metrics: Metrics, load: Load) -> None:
        self._state = state
        self._settings = settings
        self._metrics = metrics
        self._load = load
        self._quota = Quota(settings.rate_limit) if settings.rate_limit else None
        self._loading = asyncio.Lock()
        self._own: dict[ScoringGate, ServedScorer] = {}
        self._gates: set[ScoringGate] = set()  # replaced ones too, until they are closed
        self._tasks: set[asyncio.Task[object]] = set()

    def start(self, scorer: ServedScorer | None) -> None:
        """Serve with a scorer, which stays the caller's to close, or else load the model.

        Raises:
            ArtifactError: the model cannot be trusted.
        """
        self._install([scorer, *self._load_others()] if scorer else self._load_all(), scorer)
        self._metrics.watch_queue(lambda: sum(one.gate.waiting for one in self._service.every))
        self._begin(self._watch())

    async def reload(self) -> bool:
        """Load the model anew and let new requests have it; tell whether that went well.

        A model that cannot be used leaves the old one in place, and the log says why.
        """
        async with self._loading:
            try:
                scorers = await asyncio.to_thread(self._load_all)
            except ToneError as error:
                told = {"reason": str(error), "model": self._service.model.version}
                _log.error("The model cannot be loaded; the old one stays.", extra={"fields": told})
                return False
            old = self._service
            self._install(scorers)
            told = {"old": old.model.version, "new": self._service.model.version}
            _log.info("The model was loaded anew.", extra={"fields": told})
            for one in old.every:
                self._begin(self._retire(one.gate))
            return True

    def reload_soon(self) -> None:
        """Begin to load the model anew; from the event loop."""
        self._begin(self.reload())

    async def close(self) -> None:
        """Finish what was admitted by every gate, and admit no more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*(gate.close() for gate in self._gates))
        for gate in list(self._own):
            self._end(gate)

    @property
    def _service(self) -> Service:
        service: Service = self._state.service
        return service

    def _load_all(self) -> list[ServedScorer]:
        first = self._load(self._settings)
        try:
            return [first, *self._load_others()]
        except ToneError:
            first.close()
            raise

    def _load_others(self) -> list[ServedScorer]:
        folders = map(Path, self._settings.also)
        return [self._load(self._settings.model_copy(update={"artifact": f})) for f in folders]

    def _install(
        self, scorers: Sequence[ServedScorer], borrowed: ServedScorer | None = None
    ) -> None:
        """Serve with scorers, the first of them for requests that name none."""
        first, *others = (self._opened(one, one is not borrowed) for one in scorers)
        card = first.card.model_copy(update={"also": [one.model for one in others]})
        self._state.service = replace(first, card=card, others=tuple(others))
        self._metrics.name_model(**first.model.model_dump())

    def _opened(self, scorer: ServedScorer, own: bool) -> Service:
        settings = self._settings
        gate = ScoringGate(
            scorer,
            settings.queue_items,
            settings.deadline_seconds,
            settings.queue_seconds,
            self._metrics.inference_seconds.observe,
        )
        gate.start()
        self._gates.add(gate)
        if own:
            self._own[gate] = scorer
        card = model_card(scorer.artifact, settings)
        name = ModelName(name=card.name, version=card.version, sha256=card.sha256)
        return Service(settings, gate, name, card, self._quota)

    async def _watch(self) -> None:
        """Replace a worker that has died, or has hung for longer than anybody waits."""
        pause = WATCH_SECONDS
        while True:
            await asyncio.sleep(pause)
            pause = WATCH_SECONDS
            if any(one.gate.is_lost for one in self._service.every):
                _log.error("The scoring worker is lost and will be replaced.")
                if not await self.reload():
                    pause = RETRY_SECONDS

    async def _retire(self, gate: ScoringGate) -> None:
        # Nobody who came before the change is still there after the deadline.
        await asyncio.sleep(self._settings.deadline_seconds)
        await gate.close()
        self._gates.discard(gate)
        self._end(gate)

    def _end(self, gate: ScoringGate) -> None:
        scorer = self._own.pop(gate, None)
        if scorer and not gate.is_lost:  # closing waits for what runs, and that may never end
            scorer.close()

    def _begin(self, work: Coroutine[object, None, object]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
