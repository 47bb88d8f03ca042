#include "CEmbedded.h"

static const unsigned char schema[] = {
#embed "../../schema.graphql"
};

static const unsigned char migration_0001[] = {
#embed "../../migrations/0001_workflow.sql"
};

const millrace_embedded_file millrace_schema = {"schema.graphql", schema, sizeof schema};

const millrace_embedded_file millrace_migrations[] = {
    {"0001_workflow.sql", migration_0001, sizeof migration_0001},
};

const size_t millrace_migration_count = sizeof millrace_migrations / sizeof *millrace_migrations;
