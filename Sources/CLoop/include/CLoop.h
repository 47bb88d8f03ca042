#ifndef MILLRACE_CLOOP_H
#define MILLRACE_CLOOP_H

// What Swift cannot reach: a thread-local pointer to the running loop, C macros, and the program headers.

void *_Nullable millrace_current_loop(void);
void millrace_set_current_loop(void *_Nullable loop);

// Hands the pages of code and constants back that nothing needs at the moment; they are read from the files again, or from
// the page cache, when something does. Frees what malloc holds on to, too.
void millrace_release_memory(void);

#endif
