#include "CLoop.h"

static __thread void *current;

void *millrace_current_loop(void) { return current; }

void millrace_set_current_loop(void *loop) { current = loop; }
