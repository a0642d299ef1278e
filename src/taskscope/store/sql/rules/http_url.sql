-- The URL as sent, or put together of host and path; a path alone is better than nothing.
multiIf(
    $url_whole != '', $url_whole,
    $url_path = '', '',
    concat(
        if($url_authority = '', '', concat($url_scheme, '://', $url_authority)),
        if($url_authority = '' OR $url_port IN ('', '80', '443') OR position($url_authority, ':') > 0, '', concat(':', $url_port)),
        $url_path,
        if(${s}SpanAttributes['url.query'] = '' OR position($url_path, '?') > 0, '', concat('?', ${s}SpanAttributes['url.query']))))
