"""An account of AWS: `enable`, `cost`, `iam-policy`."""
