"""What the units of a recurrent network do: recording, search, figures, export."""
