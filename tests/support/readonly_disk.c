// A disk that becomes read-only while a program runs, as ext4 does with errors=remount-ro: loaded before libc, it fails
// with EROFS what would write below KONEKWA_TEST_READONLY_FOLDER while the file KONEKWA_TEST_READONLY_MARKER exists.
// With a marker that is empty every write fails. One that is not lets open descriptors write into the cache, and only
// a sync tells. Reading goes on, and so does the memory that SQLite maps.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

typedef enum { WRITABLE, READ_ONLY, READ_ONLY_AT_SYNC } Disk;

static Disk disk(void) {
  const char* marker = getenv("KONEKWA_TEST_READONLY_MARKER");
  struct stat about;
  if (marker == NULL || stat(marker, &about) != 0) return WRITABLE;
  return about.st_size == 0 ? READ_ONLY : READ_ONLY_AT_SYNC;
}

static int is_below(const char* path) {
  const char* folder = getenv("KONEKWA_TEST_READONLY_FOLDER");
  const size_t length = folder == NULL ? 0 : strlen(folder);
  return length > 0 && strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

static int is_below_by_descriptor(int fd, const char* name) {
  char link[64], path[2 * PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, path, PATH_MAX);
  if (length < 0) return 0;
  path[length] = '\0';
  if (name != NULL) snprintf(path + length, PATH_MAX, "/%s", name);
  return is_below(path);
}

static int is_below_at(int folder, const char* path) {
  return path[0] == '/' || folder == AT_FDCWD ? is_below(path) : is_below_by_descriptor(folder, path);
}

static int refuse(void) {
  errno = EROFS;
  return -1;
}

static int refuses_path(int folder, const char* path) { return disk() != WRITABLE && is_below_at(folder, path); }
static int refuses_write(int fd) { return disk() == READ_ONLY && is_below_by_descriptor(fd, NULL); }
static int refuses_sync(int fd) { return disk() != WRITABLE && is_below_by_descriptor(fd, NULL); }

static int refuses_open(int folder, const char* path, int flags) {
  const int writes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC) != 0;
  if ((flags & O_CREAT) != 0 && !writes && faccessat(folder, path, F_OK, 0) == 0) return 0;
  return (writes || (flags & O_CREAT) != 0) && refuses_path(folder, path);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

// What is asked of an open descriptor.
#define OF_DESCRIPTOR(result, name, refuses, parameters, ...) \
  result name parameters { return refuses(fd) ? refuse() : REAL(name)(__VA_ARGS__); }

OF_DESCRIPTOR(ssize_t, write, refuses_write, (int fd, const void* data, size_t size), fd, data, size)
OF_DESCRIPTOR(ssize_t, writev, refuses_write, (int fd, const struct iovec* parts, int count), fd, parts, count)
OF_DESCRIPTOR(ssize_t, pwrite, refuses_write, (int fd, const void* data, size_t size, off_t at), fd, data, size, at)
OF_DESCRIPTOR(ssize_t, pwrite64, refuses_write, (int fd, const void* data, size_t size, off64_t at), fd, data, size, at)
OF_DESCRIPTOR(int, ftruncate, refuses_write, (int fd, off_t size), fd, size)
OF_DESCRIPTOR(int, ftruncate64, refuses_write, (int fd, off64_t size), fd, size)
OF_DESCRIPTOR(int, fallocate, refuses_write, (int fd, int mode, off_t at, off_t size), fd, mode, at, size)
OF_DESCRIPTOR(int, fallocate64, refuses_write, (int fd, int mode, off64_t at, off64_t size), fd, mode, at, size)
OF_DESCRIPTOR(int, fchmod, refuses_sync, (int fd, mode_t mode), fd, mode)
OF_DESCRIPTOR(int, fsync, refuses_sync, (int fd), fd)
OF_DESCRIPTOR(int, fdatasync, refuses_sync, (int fd), fd)

// What is asked of a name.
#define OF_PATH(name, folder, parameters, ...) \
  int name parameters { return refuses_path(folder, path) ? refuse() : REAL(name)(__VA_ARGS__); }

OF_PATH(mkdir, AT_FDCWD, (const char* path, mode_t mode), path, mode)
OF_PATH(mkdirat, fd, (int fd, const char* path, mode_t mode), fd, path, mode)
OF_PATH(rename, AT_FDCWD, (const char* from, const char* path), from, path)
OF_PATH(link, AT_FDCWD, (const char* from, const char* path), from, path)
OF_PATH(unlink, AT_FDCWD, (const char* path), path)
OF_PATH(unlinkat, fd, (int fd, const char* path, int flags), fd, path, flags)
OF_PATH(rmdir, AT_FDCWD, (const char* path), path)
OF_PATH(remove, AT_FDCWD, (const char* path), path)
OF_PATH(chmod, AT_FDCWD, (const char* path, mode_t mode), path, mode)
OF_PATH(creat, AT_FDCWD, (const char* path, mode_t mode), path, mode)
OF_PATH(creat64, AT_FDCWD, (const char* path, mode_t mode), path, mode)

char* mkdtemp(char* path) {
  if (!refuses_path(AT_FDCWD, path)) return REAL(mkdtemp)(path);
  errno = EROFS;
  return NULL;
}

static int opens_for_writing(const char* mode) { return strpbrk(mode, "wa+") != NULL; }

FILE* fopen(const char* path, const char* mode) {
  if (!opens_for_writing(mode) || !refuses_path(AT_FDCWD, path)) return REAL(fopen)(path, mode);
  errno = EROFS;
  return NULL;
}

FILE* fopen64(const char* path, const char* mode) {
  if (!opens_for_writing(mode) || !refuses_path(AT_FDCWD, path)) return REAL(fopen64)(path, mode);
  errno = EROFS;
  return NULL;
}

// The third argument of open is there only if a file may be made.
#define OPENER(name, folder, parameters, ...)                            \
  int name parameters {                                                  \
    va_list more;                                                        \
    va_start(more, flags);                                               \
    const int is_made = (flags & (O_CREAT | O_TMPFILE)) != 0;            \
    const mode_t mode = is_made ? va_arg(more, mode_t) : 0;              \
    va_end(more);                                                        \
    return refuses_open(folder, path, flags) ? refuse() : REAL(name)(__VA_ARGS__, mode); \
  }

OPENER(open, AT_FDCWD, (const char* path, int flags, ...), path, flags)
OPENER(open64, AT_FDCWD, (const char* path, int flags, ...), path, flags)
OPENER(openat, fd, (int fd, const char* path, int flags, ...), fd, path, flags)
OPENER(openat64, fd, (int fd, const char* path, int flags, ...), fd, path, flags)
