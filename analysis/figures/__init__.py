"""Figures of activations that are explored in a browser."""

from analysis.figures.columns import signed_extremes
from analysis.figures.heatmap import PLOTLY_CONFIG, heatmap_figure

__all__ = ["PLOTLY_CONFIG", "heatmap_figure", "signed_extremes"]
