"""`unitscope serve`: the dashboard."""

from __future__ import annotations

import argparse

from terminal import Commands


def add(commands: Commands) -> None:
    """Describe `unitscope serve`."""
    command = commands.add_parser("serve", help="open the dashboard in the browser")
    command.add_argument(
        "recording", nargs="?", help="a recording to show first: NAME.zarr or a URL"
    )
    command.add_argument("--port", type=int, default=8501)
    command.add_argument("--address", default="127.0.0.1", help="default: only this machine")
    command.add_argument("--no-browser", action="store_true", help="do not open a browser")
    command.set_defaults(run=_serve)


def _serve(options: argparse.Namespace) -> None:
    from dashboard.app import serve

    print(f"Unitscope: {_url(options.address, options.port)} (Ctrl-C ends it)", flush=True)
    serve(
        recording=options.recording,
        address=options.address,
        port=options.port,
        browser=not options.no_browser,
    )


def _url(address: str, port: int) -> str:
    if address in ("0.0.0.0", "::"):  # every address of this machine
        address = "localhost"
    return f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"
