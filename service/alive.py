"""Asks the service on this machine whether it is alive: the health check of the container image.

Run as ``python -m service.alive``. Standard library only, since it starts every few seconds beside
the service and shares its processors.
"""

import http.client
import ipaddress
import os
import sys

PATIENCE_SECONDS = 2.0


def alive(host: str, port: int) -> bool:
    """Tell whether the service answers.

    Args:
        host: address that it serves on; where that is every address, the loopback one is asked.
        port: its TCP port.
    """
    try:
        if ipaddress.ip_address(host).is_unspecified:
            host = "::1" if ":" in host else "127.0.0.1"
    except ValueError:  # a name
        pass
    connection = http.client.HTTPConnection(host, port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("HEAD", "/healthz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    served_on = os.environ.get("DIPLOTONE_HOST") or "127.0.0.1"
    sys.exit(not alive(served_on, int(os.environ.get("DIPLOTONE_PORT") or 8000)))
