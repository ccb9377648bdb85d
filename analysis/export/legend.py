"""The numbers beside a colour scale, as the dashboard's text view writes them."""

TICKS = ((-1.0, "−1"), (-0.5, "−0.5"), (0.0, "0"), (0.5, "+0.5"), (1.0, "+1"))
