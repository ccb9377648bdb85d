"""The browser's front door. It draws what analysis computes."""
