"""What can be wrong with a run on a cluster, one sentence each."""

from model.errors import ToneError


class ClusterError(ToneError):
    """The cluster, an address or a worker cannot be used; says which and what to do."""
