#ifndef MILLRACE_CLOOP_H
#define MILLRACE_CLOOP_H

// What Swift cannot reach: a thread-local pointer to the running loop, and C macros.

void *_Nullable millrace_current_loop(void);
void millrace_set_current_loop(void *_Nullable loop);

#endif
