if(${s}ServiceName = '', 'unknown', ${s}ServiceName)
