#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CLinux.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <linux/sockios.h>

_Thread_local void *ekai_current_loop = NULL;

int ekai_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); }

int ekai_unsent_bytes(int descriptor) {
  int bytes = 0;
  return ioctl(descriptor, SIOCOUTQ, &bytes) == 0 ? bytes : -1;
}

int ekai_allowed_cpus(void) {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  int n = CPU_COUNT(&set);
  return n > 0 ? n : 1;
}

void ekai_name_thread(unsigned long thread, const char *name) { (void)pthread_setname_np(thread, name); }

int ekai_set_dumpable(int dumpable) { return prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0); }

int ekai_get_dumpable(void) { return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0); }

const void *ekai_memmem(const void *haystack, size_t n, const void *needle, size_t m) {
  return memmem(haystack, n, needle, m);
}
