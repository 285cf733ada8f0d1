/// What Swift's Glibc overlay leaves out of Linux: epoll and eventfd, GNU extensions, macro-only interfaces, thread-local
/// storage. Declarations and one-line wrappers only; every decision is made in Swift.
///
/// No feature macro is set here: glibc's types would then differ from those that other C modules see.
#ifndef EKAI_CLINUX_H
#define EKAI_CLINUX_H

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/un.h>
#include <time.h>

/// The event loop that runs on this thread, or NULL. Read on every enqueue, hence a C thread-local.
extern _Thread_local void *ekai_current_loop;
static inline void *ekai_current_loop_get(void) { return ekai_current_loop; }
static inline void ekai_current_loop_set(void *loop) { ekai_current_loop = loop; }

/// accept4(2) without the peer's address: non-blocking and close-on-exec from the start.
int ekai_accept(int listener);

/// Bytes in a socket's send buffer: not sent, or sent and not acknowledged (SIOCOUTQ, tcp(7)); negative when the kernel does not say.
int ekai_unsent_bytes(int descriptor);

/// errno is a macro, which Swift cannot see; read right after the call it belongs to.
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

/// Names a thread for ps and top, at most 15 bytes; pthread_setname_np(3), a GNU extension.
void ekai_name_thread(unsigned long thread, const char *name);

/// prctl(2), which is variadic: PR_SET_DUMPABLE and PR_GET_DUMPABLE. The first returns 0 on success.
int ekai_set_dumpable(int dumpable);
int ekai_get_dumpable(void);

/// memmem(3), a GNU extension.
const void *ekai_memmem(const void *haystack, size_t n, const void *needle, size_t m);
#endif
