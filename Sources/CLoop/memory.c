#define _GNU_SOURCE
#include "CLoop.h"

#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

// Where a program or library was changed when it was loaded, its pages hold what its file does not.
static int has_text_relocations(const struct dl_phdr_info *info) {
  for (int index = 0; index < info->dlpi_phnum; index++) {
    const ElfW(Phdr) *header = &info->dlpi_phdr[index];
    if (header->p_type != PT_DYNAMIC) continue;
    for (const ElfW(Dyn) *entry = (const void *)(info->dlpi_addr + header->p_vaddr); entry->d_tag != DT_NULL; entry++) {
      if (entry->d_tag == DT_TEXTREL || (entry->d_tag == DT_FLAGS && entry->d_un.d_val & DF_TEXTREL)) return 1;
    }
  }
  return 0;
}

static int release(struct dl_phdr_info *info, size_t size, void *context) {
  (void)size;
  const uintptr_t page = *(const uintptr_t *)context;
  if (has_text_relocations(info)) return 0;
  for (int index = 0; index < info->dlpi_phnum; index++) {
    const ElfW(Phdr) *header = &info->dlpi_phdr[index];
    if (header->p_type != PT_LOAD || header->p_flags & PF_W) continue;
    const uintptr_t start = (info->dlpi_addr + header->p_vaddr + page - 1) & ~(page - 1);
    const uintptr_t end = (info->dlpi_addr + header->p_vaddr + header->p_filesz) & ~(page - 1);
    // What cannot be released, such as the kernel's own page of functions, stays.
    if (end > start) madvise((void *)start, end - start, MADV_DONTNEED);
  }
  return 0;
}

void millrace_release_memory(void) {
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  dl_iterate_phdr(release, &page);
  malloc_trim(0);
}
