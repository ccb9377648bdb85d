"""A table of short texts, each cell of which may be clicked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st


def text_table(
    rows: Sequence[Mapping[str, str]],
    columns: Mapping[str, tuple[str, int | None, str]],
    *,
    key: str | None = None,
    on_select: Callable[[], None] | None = None,
) -> None:
    """Draw rows of text; where there is something to select, a click on a cell calls `on_select`.

    `columns` says of each its title, its width in pixels or None, and what its heading explains.
    """
    st.dataframe(
        {column: [row[column] for row in rows] for column in columns},
        hide_index=True,
        row_height=28,
        height="content",
        column_config={
            column: st.column_config.TextColumn(title, help=said or None, width=width)
            for column, (title, width, said) in columns.items()
        },
        key=key,
        selection_mode="single-cell",
        on_select=on_select or "ignore",
    )
