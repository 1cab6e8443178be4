"""Why and whom pooling helps: gains of a finished study, regressions over languages, what to expect before training."""
