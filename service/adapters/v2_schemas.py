"""The words of the Open Inference Protocol v2, as far as they are spoken here."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from service.schemas import ONE_FAULT, WireAnswer, WireRequest

INPUT = "text"


class TensorSent(WireRequest):
    """The texts, as a tensor."""

    name: str
    shape: Annotated[list[int], ONE_FAULT] = Field(description="[N], or [N, 1].")
    datatype: Literal["BYTES"]
    data: list[Any] = Field(description="Texts, flat or nested as the shape is.")
    parameters: dict[str, Any] = Field(default={}, description="Not read.")


class OutputWanted(WireRequest):
    """An output that is asked for."""

    name: Literal["hostility", "formality"]
    parameters: dict[str, Any] = Field(default={}, description="Not read: data is always JSON.")


class InferRequest(WireRequest):
    """An inference request."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "inputs": [
                        {
                            "name": INPUT,
                            "shape": [1],
                            "datatype": "BYTES",
                            "data": ["hateful sophistry"],
                        }
                    ]
                }
            ]
        }
    )

    id: str | None = Field(default=None, max_length=200, description="Yours; comes back unchanged.")
    parameters: dict[str, Any] = Field(default={}, description="Not read.")
    inputs: list[TensorSent] = Field(min_length=1, max_length=1)
    outputs: Annotated[list[OutputWanted], ONE_FAULT] | None = Field(
        default=None, description="Both when nothing is asked for."
    )


class Tensor(WireAnswer):
    """The degrees on one scale, from 0 to 1; no probabilities."""

    name: str
    shape: list[int]
    datatype: str
    data: list[float]


class InferAnswer(WireAnswer):
    """An inference response."""

    model_name: str
    model_version: str
    id: str | None = None
    outputs: list[Tensor]


class ServerMetadata(WireAnswer):
    """What this server is."""

    name: str
    version: str
    extensions: list[str]


class TensorMetadata(WireAnswer):
    """What a tensor is like; -1 is any length."""

    name: str
    datatype: str
    shape: list[int]


class ModelMetadata(WireAnswer):
    """What the model takes and gives."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]


class Live(WireAnswer):
    """The process is alive."""

    live: bool


class Ready(WireAnswer):
    """The model can be asked."""

    ready: bool


class InferError(WireAnswer):
    """An error in the shape of the protocol."""

    error: str
