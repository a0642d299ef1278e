if($database_system IN ('', 'clickhouse', 'cockroachdb', 'db2', 'derby', 'firebirdsql', 'h2', 'hive', 'hsqldb', 'ibm.db2',
        'mariadb', 'mssql', 'microsoft.sql_server', 'mysql', 'oracle', 'oracle.db', 'other_sql', 'postgres', 'postgresql',
        'redshift', 'sap.hana', 'snowflake', 'sqlite', 'sqlite3', 'sqlserver', 'teradata', 'trino'),
    'Database::SQL', concat('Database::', $database_system))
