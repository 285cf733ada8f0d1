/// What Swift's Glibc overlay leaves out of Linux: GNU extensions, variadic or macro-only interfaces, thread-local
/// storage. Declarations and one-line wrappers only; every decision is made in Swift.
#ifndef EKAI_CLINUX_H
#define EKAI_CLINUX_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/// The event loop that runs on this thread, or NULL. Read on every enqueue, hence a C thread-local.
extern _Thread_local void *ekai_current_loop;
static inline void *ekai_current_loop_get(void) { return ekai_current_loop; }
static inline void ekai_current_loop_set(void *loop) { ekai_current_loop = loop; }

/// accept4(2) without the peer's address: non-blocking and close-on-exec from the start.
static inline int ekai_accept(int listener) {
  return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}
/// errno is a macro that Swift reads through a function; kept here so that no call comes between.
static inline int ekai_errno(void) { return errno; }

/// CLOCK_MONOTONIC in nanoseconds.
static inline int64_t ekai_monotonic_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}
/// CLOCK_REALTIME in nanoseconds since 1970-01-01T00:00:00Z.
static inline int64_t ekai_realtime_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/// CPUs this thread may run on (affinity mask), at least 1.
int ekai_allowed_cpus(void);

/// memmem(3), a GNU extension.
static inline const void *ekai_memmem(const void *haystack, size_t n, const void *needle, size_t m) {
  return memmem(haystack, n, needle, m);
}
#endif
