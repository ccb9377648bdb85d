"""What Unitscope shows, as files for papers, pages and other programs."""

from analysis.export.errors import ExportError
from analysis.export.front import SUFFIXES, export, render
from analysis.export.html_page import ViewAssets

__all__ = ["SUFFIXES", "ExportError", "ViewAssets", "export", "render"]
