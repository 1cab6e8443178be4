"""What each way to spell and cut words brings: overlap, and the gain of pooling."""
