"""What workers exchange, executed: one module for each kind, which offers `advance(session, state, iteration, end)`."""
