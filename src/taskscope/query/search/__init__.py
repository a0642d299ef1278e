"""X-Ray's filter expressions: parsed by a grammar, evaluated in memory, planned to SQL; traces found and grouped."""
