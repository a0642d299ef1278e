"""HTTP on threads of the standard library: bounded connections, TLS and admission by a guard, answers by a site."""
