"""X-Ray segment documents to spans and back: datagrams and documents in, rows out; rows in, documents out."""
