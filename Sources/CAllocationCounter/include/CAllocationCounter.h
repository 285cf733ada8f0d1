/// Counts the allocator calls of each thread exactly, by standing in front of glibc's allocator.
///
/// Linked into `Benchmarks`, and with its tests into the unit tests, never into the gateway: the executable's `malloc` comes before that of libc.so for every library of the process.
#ifndef EKAI_ALLOCATION_COUNTER_H
#define EKAI_ALLOCATION_COUNTER_H

#include <stdint.h>

typedef struct {
  /// malloc, calloc, aligned_alloc, posix_memalign, memalign, and realloc (which may move its block).
  uint64_t allocations;
  /// free of something other than NULL.
  uint64_t frees;
  /// Bytes asked for.
  uint64_t bytes;
  /// Bytes of the blocks that the thread allocated, less those that it freed, as the allocator rounds them: what it holds, where no other
  /// thread frees its blocks.
  int64_t held;
} ekai_allocation_counts;

/// What the calling thread did since it started.
ekai_allocation_counts ekai_allocation_counts_now(void);

/// Prints a backtrace to standard error at each of the calling thread's next `count` allocations, to find out where they come
/// from. 0 ends it.
void ekai_allocation_trace(int count);
#endif
