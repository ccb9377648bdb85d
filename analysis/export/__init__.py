"""What Unitscope shows, as files for papers, pages and other programs."""

from analysis.export.errors import ExportError
from analysis.export.front import SUFFIXES, export, render
from analysis.export.html_page import ViewAssets
from analysis.export.slices import Beneath

__all__ = ["SUFFIXES", "Beneath", "ExportError", "ViewAssets", "export", "render"]
