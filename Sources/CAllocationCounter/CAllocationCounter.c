#include "CAllocationCounter.h"

#include <errno.h>
#include <execinfo.h>
#include <malloc.h>
#include <stddef.h>
#include <unistd.h>

// A sanitizer has an allocator of its own: nothing stands in front of it, and nothing is counted.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define EKAI_HAS_SANITIZER 1
#endif
#endif

// glibc's own entry points, kept for programs that replace the allocator.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

// initial-exec: the first access must not allocate.
static _Thread_local __attribute__((tls_model("initial-exec"))) ekai_allocation_counts counts;
static _Thread_local __attribute__((tls_model("initial-exec"))) int traces_left;

ekai_allocation_counts ekai_allocation_counts_now(void) { return counts; }
void ekai_allocation_trace(int count) { traces_left = count; }

#ifndef EKAI_HAS_SANITIZER
static void note(size_t size) {
  counts.allocations++;
  counts.bytes += size;
  if (traces_left > 0) {
    int left = traces_left;
    traces_left = 0;  // backtrace(3) itself allocates when it is called for the first time
    void *frames[32];
    int depth = backtrace(frames, 32);
    backtrace_symbols_fd(frames, depth, 2);
    (void)!write(2, "\n", 1);
    traces_left = left - 1;
  }
}

static void *hold(void *block) {
  if (block) counts.held += (int64_t)malloc_usable_size(block);
  return block;
}

void *malloc(size_t size) { note(size); return hold(__libc_malloc(size)); }
void *calloc(size_t count, size_t size) { note(count * size); return hold(__libc_calloc(count, size)); }
void *memalign(size_t alignment, size_t size) { note(size); return hold(__libc_memalign(alignment, size)); }
void *aligned_alloc(size_t alignment, size_t size) { note(size); return hold(__libc_memalign(alignment, size)); }

void *realloc(void *block, size_t size) {
  note(size);
  int64_t before = block ? (int64_t)malloc_usable_size(block) : 0;
  void *moved = __libc_realloc(block, size);
  // What could not grow stays as it was; a size of 0 frees.
  if (moved || size == 0) counts.held -= before;
  return hold(moved);
}

int posix_memalign(void **result, size_t alignment, size_t size) {
  if (alignment == 0 || alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0) return EINVAL;
  note(size);
  void *block = __libc_memalign(alignment, size);
  if (!block) return ENOMEM;
  *result = hold(block);
  return 0;
}

void free(void *block) {
  if (block) {
    counts.frees++;
    counts.held -= (int64_t)malloc_usable_size(block);
  }
  __libc_free(block);
}
#endif
