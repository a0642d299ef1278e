"""The X-Ray API as AWS's SDKs and command line call it."""
