"""What surrounds the scores: ids, headers, logs, metrics, health."""

import json
import logging
import sys
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from model.scorer import ToneScorer
from service import logs
from service.app import create_app
from service.logs import ACCESS, JsonFormatter
from service.settings import Settings

QUOTE = "We condemn this attack."
EVERYWHERE = ["/v1/model", "/healthz", "/readyz", "/metrics", "/", "/docs", "/nowhere", "/v1/score"]


@pytest.fixture
def client(scorer: ToneScorer) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), scorer)) as client:
        yield client


@pytest.mark.parametrize("sent", ["a", "req-1.2_3~4:5/6+7=@8", "x" * 128])
@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/v1/score"])
def test_a_safe_request_id_is_echoed(client: TestClient, sent: str, path: str) -> None:
    response = client.get(path, headers={"X-Request-ID": sent})
    assert response.headers["X-Request-ID"] == sent
    if response.status_code >= 400:
        assert response.json()["request_id"] == sent


@pytest.mark.parametrize(
    "sent", [b"", b" ", b"x" * 129, b"a b", b"a\tb", b"<script>", b'"', b"caf\xe9", b"a,b"]
)
def test_an_unsafe_request_id_is_replaced(client: TestClient, sent: bytes) -> None:
    made = client.get("/nowhere", headers={b"X-Request-ID": sent}).headers["X-Request-ID"]
    assert made.encode("latin-1") != sent
    assert len(made) == 32


def test_made_request_ids_differ(client: TestClient) -> None:
    made = {client.get("/healthz").headers["X-Request-ID"] for _ in range(10)}
    assert len(made) == 10


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_has_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe-inline" not in headers["Content-Security-Policy"].partition("style-src")[0]


def samples(client: TestClient) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    text = client.get("/metrics").text
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def test_metrics_count_scores_requests_and_refusals(client: TestClient, scorer: ToneScorer) -> None:
    client.post("/v1/score", json={"quote": QUOTE})
    client.post("/v1/score/batch", json={"quotes": [QUOTE, "deep regret"]})
    client.post("/v1/score", json={"quote": ""})
    found = samples(client)
    ok = (("method", "POST"), ("route", "/v1/score"), ("status", "200"))
    assert found["diplotone_requests_total", ok] == 1
    duration = (("route", "/v1/score/batch"), ("status", "200"))
    assert found["diplotone_request_duration_seconds_count", duration] == 1
    assert found["diplotone_scored_quotes_total", ()] == 3
    assert found["diplotone_inference_seconds_count", ()] == 2
    assert found["diplotone_rejected_total", (("reason", "quote_blank"),)] == 1
    assert found["diplotone_queue_items", ()] == 0
    assert found["diplotone_score_count", (("scale", "hostility"),)] == 3
    assert found["diplotone_score_count", (("scale", "formality"),)] == 3
    named = [dict(labels) for name, labels in found if name == "diplotone_model_info"]
    assert named == [{"name": "tiny", "version": "0.0.1", "sha256": scorer.artifact.sha256}]
    assert all(name.startswith("diplotone_") for name, _ in found)


def test_made_up_paths_and_methods_add_no_labels(client: TestClient) -> None:
    for i in range(20):
        client.get(f"/{i}")
        client.request(f"M{i}", "/v1/score")
        client.get(f"/docs/assets/{i}")
    labels = {
        (dict(labels)["route"], dict(labels)["method"])
        for name, labels in samples(client)
        if name == "diplotone_requests_total"
    }
    assert labels == {
        ("unmatched", "GET"),
        ("/v1/score", "other"),
        ("/docs/assets/{name}", "GET"),
    }


def test_each_app_has_metrics_of_its_own(client: TestClient, scorer: ToneScorer) -> None:
    client.post("/v1/score", json={"quote": QUOTE})
    with TestClient(create_app(Settings(), scorer)) as other:
        assert samples(other)["diplotone_scored_quotes_total", ()] == 0


def test_metrics_are_openmetrics_when_asked(client: TestClient) -> None:
    accept = {"Accept": "application/openmetrics-text; version=1.0.0"}
    response = client.get("/metrics", headers=accept)
    assert response.headers["Content-Type"].startswith("application/openmetrics-text")
    assert response.text.endswith("# EOF\n")


def access_line(client: TestClient, caplog: pytest.LogCaptureFixture, log_text: bool) -> str:
    with caplog.at_level(logging.INFO, logger=ACCESS):
        client.post(
            "/v1/score?quote=secret%0Aforged",
            json={"quote": f"{QUOTE}\n{{forged}}"},
            headers={"X-Request-ID": "mine"},
        )
    records = [record for record in caplog.records if record.name == ACCESS]
    assert len(records) == 1
    return JsonFormatter(log_text).format(records[0])


def test_the_access_log_is_one_line_of_json_without_the_quote(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    line = access_line(client, caplog, log_text=False)
    fields = json.loads(line)
    assert fields["request_id"] == "mine"
    assert (fields["route"], fields["method"], fields["status"]) == ("/v1/score", "POST", 200)
    assert fields["seconds"] > 0
    assert "\n" not in line
    assert "condemn" not in line
    assert "secret" not in line


def test_the_quote_is_logged_only_when_asked_and_cannot_forge_a_line(
    scorer: ToneScorer, caplog: pytest.LogCaptureFixture
) -> None:
    with TestClient(create_app(Settings(log_text=True), scorer)) as client:
        line = access_line(client, caplog, log_text=True)
    assert json.loads(line)["quotes"] == [f"{QUOTE}\n{{forged}}"]
    assert "\n" not in line


@pytest.mark.parametrize("log_text", [False, True])
def test_a_trace_holds_foreign_messages_only_when_asked(log_text: bool) -> None:
    try:
        try:
            raise ValueError("secret")
        except ValueError as cause:
            raise RuntimeError("more secret") from cause
    except RuntimeError:
        exc_info = sys.exc_info()
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "Failed.", None, exc_info)
    line = JsonFormatter(log_text).format(record)
    assert ("ValueError: secret" in line, "RuntimeError: more secret" in line) == (
        log_text,
        log_text,
    )
    assert "ValueError" in line


def test_configuring_sends_json_to_standard_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", root.handlers)
    monkeypatch.setattr(root, "level", root.level)
    logs.configure("warning")
    logging.getLogger("any").warning("a\nb")
    logging.getLogger("any").info("unseen")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert json.loads(captured.err)["message"] == "a\nb"
