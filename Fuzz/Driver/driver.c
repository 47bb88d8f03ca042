#include <stddef.h>
#include <stdint.h>

int millrace_fuzz_one_input(const uint8_t *bytes, size_t count);

/* libFuzzer's entry point; its library has the main function. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  return millrace_fuzz_one_input(bytes, count);
}
