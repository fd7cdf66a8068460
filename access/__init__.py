"""The application: who may do what, pages, workers, wiring."""
