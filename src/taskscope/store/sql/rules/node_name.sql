if(${s}ServiceName = '', 'unknown_service', ${s}ServiceName::String)
