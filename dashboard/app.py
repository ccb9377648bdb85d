"""Start the dashboard: Streamlit draws the page, our own routes feed the text view."""

from __future__ import annotations

import contextlib
import importlib
import os
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from analysis.recording import open_recording
from dashboard.controls import stop_controls
from dashboard.jobs import stop_all
from dashboard.routes import routes
from dashboard.searches import stop_searches
from dashboard.session import RECORDING_VARIABLE
from dashboard.verifying import stop_verifying


def serve(
    *, recording: str | None = None, address: str = "127.0.0.1", port: int = 8501, browser: bool
) -> None:
    """Serve the dashboard until it is stopped.

    Parameters
    ----------
    recording : str, optional
        A recording to show first.
    address, port
        Where to listen. Any other address than the loopback lets others on the network in.
    browser : bool
        Open the page in a browser.

    Raises
    ------
    RecordingError
        If the recording cannot be opened.
    """
    if recording is not None:
        os.environ[RECORDING_VARIABLE] = open_recording(recording).path
    build_app(address).run(
        config={
            "server.address": address,
            "server.port": port,
            "server.headless": not browser,
            "server.fileWatcherType": "none",
            "server.maxUploadSize": 200,
            "browser.gatherUsageStats": False,
            "client.toolbarMode": "viewer",
            # Where coding agents are installed, Streamlit else lays an offer to them over the page.
            "logger.hideWelcomeMessage": True,
            # Both are named, or the page would be light whatever the browser asks for.
            "theme.light.primaryColor": "#2f6fb7",
            "theme.dark.primaryColor": "#67a3e8",
            # Captions have 60% of it: enough contrast only if it is nearly black.
            "theme.light.textColor": "#131211",
            # A full collection after each rerun holds up every click by 50 to 190 ms.
            "runner.postScriptGC": False,
        }
    )


def build_app(address: str = "127.0.0.1") -> st.App:
    """The application, answering only to the names of the address it listens on."""
    local = address in ("127.0.0.1", "localhost", "::1")
    hosts = ["127.0.0.1", "localhost", "[::1]"] if local else ["*"]
    return st.App(
        Path(__file__).with_name("ui.py"),
        routes=routes(),
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=hosts)],
        lifespan=_lifespan,
    )


def _warm_up() -> None:
    """While the browser loads the page, so that the first visitor waits for neither."""
    importlib.import_module("dashboard.views.explore")
    importlib.import_module("analysis.histograms").prepare()


@contextlib.asynccontextmanager
async def _lifespan(app: st.App) -> AsyncIterator[None]:
    threading.Thread(target=_warm_up, daemon=True).start()
    try:
        yield
    finally:
        stop_searches()
        stop_all()
        stop_verifying()
        stop_controls()
