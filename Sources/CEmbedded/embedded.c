#include "CEmbedded.h"

// clang takes #embed in every version of C and only says that it is from C23.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char schema[] = {
#embed "../../schema.graphql"
};

static const unsigned char migration_0001[] = {
#embed "../../migrations/0001_workflow.sql"
};

static const unsigned char migration_0002[] = {
#embed "../../migrations/0002_history.sql"
};

static const unsigned char migration_0003[] = {
#embed "../../migrations/0003_idempotency.sql"
};

static const unsigned char migration_0004[] = {
#embed "../../migrations/0004_hooks.sql"
};

static const unsigned char migration_0005[] = {
#embed "../../migrations/0005_nodes.sql"
};

static const unsigned char migration_0006[] = {
#embed "../../migrations/0006_scheduled_work.sql"
};

static const unsigned char migration_0007[] = {
#embed "../../migrations/0007_artifacts.sql"
};

static const unsigned char migration_0008[] = {
#embed "../../migrations/0008_event_numbers.sql"
};

static const unsigned char migration_0010[] = {
#embed "../../migrations/0010_activations.sql"
};

static const unsigned char migration_0011[] = {
#embed "../../migrations/0011_told_deadlines.sql"
};

static const unsigned char page[] = {
#embed "../Server/page.html"
};

const millrace_embedded_file millrace_page = {"page.html", page, sizeof page};

const millrace_embedded_file millrace_schema = {"schema.graphql", schema, sizeof schema};

static const millrace_embedded_file migrations[] = {
    {"0001_workflow.sql", migration_0001, sizeof migration_0001},
    {"0002_history.sql", migration_0002, sizeof migration_0002},
    {"0003_idempotency.sql", migration_0003, sizeof migration_0003},
    {"0004_hooks.sql", migration_0004, sizeof migration_0004},
    {"0005_nodes.sql", migration_0005, sizeof migration_0005},
    {"0006_scheduled_work.sql", migration_0006, sizeof migration_0006},
    {"0007_artifacts.sql", migration_0007, sizeof migration_0007},
    {"0008_event_numbers.sql", migration_0008, sizeof migration_0008},
    {"0010_activations.sql", migration_0010, sizeof migration_0010},
    {"0011_told_deadlines.sql", migration_0011, sizeof migration_0011},
};

const size_t millrace_migration_count = sizeof migrations / sizeof *migrations;

millrace_embedded_file millrace_migration(size_t index) { return migrations[index]; }
