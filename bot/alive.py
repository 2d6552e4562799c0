"""`python -m bot.alive`: exit code 0 when the process of this container answers. It loads nothing of ours."""

import os
import sys
import urllib.error
import urllib.request

PATIENCE = 4.0


def main() -> int:
    """Ask /health/live on METRICS_PORT, or on HTTP_PORT without one."""
    port = os.environ.get("METRICS_PORT") or os.environ.get("HTTP_PORT") or "8080"
    try:
        # asked directly, whatever proxy the environment names
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://127.0.0.1:{port}/health/live", timeout=PATIENCE) as answer:
            return int(answer.status != 200)
    except (OSError, urllib.error.URLError) as error:
        sys.stderr.write(f"Nobody answers on port {port}: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
