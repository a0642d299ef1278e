SELECT parent.* REPLACE (
    if(owner.IsKnown, owner.ServiceName, parent.ServiceName) AS ServiceName,
    if(owner.IsKnown, owner.Resource, parent.Resource) AS Resource)
FROM ($senders_said) AS parent
LEFT JOIN ($owners) AS owner
ON parent.TraceId = owner.TraceId AND parent.SpanId = owner.SpanId
