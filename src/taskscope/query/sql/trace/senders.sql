-- Who sent the spans of some traces: each resource and each scope under the hash that spans.sql gives them.
SELECT
    cityHash64(ServiceName, Resource, ResourceSchemaUrl) AS resource,
    cityHash64(ScopeName, ScopeVersion, ScopeAttributes, ScopeSchemaUrl) AS scope,
    any(ServiceName)::String,
    any(Resource)::String,
    any(ResourceSchemaUrl)::String,
    any(ScopeName)::String,
    any(ScopeVersion)::String,
    any(ScopeAttributes)::String,
    any(ScopeSchemaUrl)::String
FROM
(
    $found
)
GROUP BY resource, scope
