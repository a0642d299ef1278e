"""The task metadata endpoint's JSON, versions 2, 3 and 4, as one model. Standard library only: sidecars start light."""
