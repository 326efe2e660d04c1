"""What Google's client libraries read before they call Perspective: the API's description."""

from typing import Any

_PLAIN: dict[str, Any] = {"type": "object", "additionalProperties": {"type": "any"}}


def discovery_document(root: str, path: str) -> dict[str, Any]:
    """Return a discovery document with the one method there is.

    The format is that of Google's API discovery service, version v1. Requests and answers are
    described as plain objects: the service itself says what is wrong with one.

    Args:
        root: address of this service, with a slash at the end.
        path: of the method, without one at its beginning.
    """
    analyze = {
        "id": "commentanalyzer.comments.analyze",
        "description": "Scores a comment for hostility and formality.",
        "path": path,
        "flatPath": path,
        "httpMethod": "POST",
        "parameters": {},
        "parameterOrder": [],
        "request": {"$ref": "AnalyzeCommentRequest"},
        "response": {"$ref": "AnalyzeCommentResponse"},
    }
    key = {"type": "string", "location": "query", "description": "API key."}
    return {
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": "commentanalyzer:v1alpha1",
        "name": "commentanalyzer",
        "version": "v1alpha1",
        "title": "Hostility and formality in the shape of Perspective",
        "protocol": "rest",
        "rootUrl": root,
        "baseUrl": root,
        "servicePath": "",
        "batchPath": "batch",
        "parameters": {"key": key},
        "schemas": {
            name: {"id": name, **_PLAIN}
            for name in ("AnalyzeCommentRequest", "AnalyzeCommentResponse")
        },
        "resources": {"comments": {"methods": {"analyze": analyze}}},
    }
