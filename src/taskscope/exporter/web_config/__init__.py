"""TLS, basic authentication, headers and a rate limit by the web configuration file of Prometheus exporters."""
