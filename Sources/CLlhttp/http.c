// Debian's node-llhttp ships the generated grammar as C source, not as a library.
#include "/usr/share/llhttp/http.c"
