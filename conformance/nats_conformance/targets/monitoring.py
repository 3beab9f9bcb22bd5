"""One request to a monitoring port."""

from __future__ import annotations

from nats_conformance.expect import Mismatch


def http_get(address: tuple[str, int], path: str, patience: float) -> tuple[int, bytes]:
    """GET `path` from a monitoring port: status and body."""
    import http.client  # noqa: PLC0415 - few cases look there, and it takes its time

    client = http.client.HTTPConnection(*address, timeout=patience)
    try:
        client.request("GET", path)
        answer = client.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise Mismatch(f"GET {path} failed: {error}", "an HTTP answer") from error
    finally:
        client.close()
