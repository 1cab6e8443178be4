"""What every kind of model shares when one is started from another, tuned and judged: no module here knows a kind."""
