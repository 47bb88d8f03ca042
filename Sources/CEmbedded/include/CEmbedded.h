#ifndef MILLRACE_CEMBEDDED_H
#define MILLRACE_CEMBEDDED_H
#include <stddef.h>

// Files of the repository that travel inside the binary.

typedef struct {
  const char *name;
  const unsigned char *bytes;
  size_t count;
} millrace_embedded_file;

extern const millrace_embedded_file millrace_schema;
extern const millrace_embedded_file millrace_page;
extern const size_t millrace_migration_count;
millrace_embedded_file millrace_migration(size_t index);

#endif
