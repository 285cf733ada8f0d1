#include "CLinux.h"
#include <sched.h>

_Thread_local void *ekai_current_loop = NULL;

int ekai_allowed_cpus(void) {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  int n = CPU_COUNT(&set);
  return n > 0 ? n : 1;
}
