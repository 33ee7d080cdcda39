// An LD_PRELOAD library for surroundings that a test cannot have otherwise.
// FSYNC_FOLDER=errno: fsync of a folder fails so, as on network drives and in drop folders.
// STATFS=none | large: a file system that does not tell its size; 4 TB with 150 GB free.
// THREADS=n: the system lets a process have n threads at a time beside its first.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

int fsync(int descriptor) {
  int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
  const char* failure = getenv("FSYNC_FOLDER");
  struct stat status;
  if (failure == NULL || fstat(descriptor, &status) != 0 || !S_ISDIR(status.st_mode)) return real(descriptor);
  errno = atoi(failure);
  return -1;
}

static void pretend(struct statfs* space) {
  const char* kind = getenv("STATFS");
  if (kind == NULL) return;
  const int large = strcmp(kind, "large") == 0;
  space->f_bsize = 4096;
  space->f_blocks = large ? 4000000000000 / 4096 : 0;
  space->f_bfree = space->f_bavail = large ? 150000000000 / 4096 : 0;
}

int statfs(const char* path, struct statfs* space) {
  int (*real)(const char*, struct statfs*) = dlsym(RTLD_NEXT, "statfs");
  const int result = real(path, space);
  if (result == 0) pretend(space);
  return result;
}

int statfs64(const char* path, struct statfs64* space) {
  int (*real)(const char*, struct statfs64*) = dlsym(RTLD_NEXT, "statfs64");
  const int result = real(path, space);
  if (result == 0) pretend((struct statfs*)space);
  return result;
}

static int running = 0;

struct call {
  void* (*start)(void*);
  void* argument;
};

static void* counted(void* data) {
  const struct call call = *(struct call*)data;
  free(data);
  void* result = call.start(call.argument);
  __sync_fetch_and_sub(&running, 1);
  return result;
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*), void* argument) {
  int (*real)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*) = dlsym(RTLD_NEXT, "pthread_create");
  const char* most = getenv("THREADS");
  if (most == NULL) return real(thread, attributes, start, argument);
  if (__sync_fetch_and_add(&running, 1) >= atoi(most)) {
    __sync_fetch_and_sub(&running, 1);
    return EAGAIN;
  }
  struct call* call = malloc(sizeof *call);
  *call = (struct call){start, argument};
  return real(thread, attributes, counted, call);
}
