-- Whether child and parent belong to different nodes.
(child.ServiceName != parent.ServiceName OR (child.Resource != parent.Resource AND $node_type_of_child != $node_type_of_parent))
