"""Scores a column of a Spark table: ``spark-submit spark_score.py IN.parquet OUT.parquet``.

Each Python worker of Spark loads the model once, and scores batches of quotes with it. Quotes that
cannot be scored, blank ones among them, get null.
"""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from pyspark.ml.functions import predict_batch_udf
from pyspark.sql import SparkSession
from pyspark.sql.types import DoubleType, StructField, StructType

DEGREES = ("hostility", "formality")
TONE = StructType([StructField(name, DoubleType()) for name in DEGREES])


def make_predict() -> Callable[[Any], dict[str, Any]]:
    """Load the model; called once in each Python worker of Spark."""
    from model.errors import QuoteError
    from model.scorer import ToneScorer

    scorer = ToneScorer.load(threads=1)  # DIPLOTONE_ARTIFACT names another than the released one

    def degrees(quotes: list[object]) -> list[list[float]]:
        try:
            found = scorer.score([quote if isinstance(quote, str) else "" for quote in quotes])
        except QuoteError:
            if len(quotes) == 1:
                return [[np.nan] * len(DEGREES)]  # Spark makes it null
            return [degrees([quote])[0] for quote in quotes]
        return [[score.hostility.score, score.formality.score] for score in found]

    def predict(quotes: Any) -> dict[str, Any]:  # noqa: ANN401 - an array of texts
        return dict(zip(DEGREES, np.array(degrees(list(quotes))).T, strict=True))

    return predict


def main(source: str, target: str) -> None:
    """Score the column ``quote`` of a Parquet file or folder into another."""
    spark = SparkSession.builder.appName("diplotone").getOrCreate()
    tone = predict_batch_udf(make_predict, return_type=TONE, batch_size=500)
    table = spark.read.parquet(source).withColumn("tone", tone("quote"))
    table.select("*", "tone.*").drop("tone").write.parquet(target)
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
