"""A service map as text, Mermaid, DOT and SVG."""
