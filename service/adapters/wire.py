"""What the adapters' schemas share: how a choice of types is refused, how errors are documented."""

from typing import Any

from pydantic import BaseModel, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError


def one_of(should: str) -> WrapValidator:
    """Return what refuses a value of several possible types in one sentence, not one for each.

    Args:
        should: what the value should be, to go after "Input should be".
    """

    def checked(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:  # noqa: ANN401
        try:
            return validate(value)
        except ValidationError:
            raise PydanticCustomError("one_of", f"Input should be {should}") from None

    return WrapValidator(checked)


def documented_error(model: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI entry for all errors of an adapter."""
    return {"default": {"model": model, "description": "An error, in the shape of this API."}}
