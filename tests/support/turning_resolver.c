// A name server that turns: loaded before libc, it answers names below "rebind.test" with the addresses of
// KONEKWA_TEST_ADDRESSES, the first look-up with the first, and so on; the last one stays. "both.rebind.test" leads to
// all of them at once. Every other name goes to libc. For the test of the guard against DNS rebinding.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef int (*Lookup)(const char*, const char*, const struct addrinfo*, struct addrinfo**);

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int lookups = 0;

// The address at `index` of the list, or its last one.
static void take_address(int index, char* out, size_t size) {
  const char* list = getenv("KONEKWA_TEST_ADDRESSES");
  const char* at = list == NULL ? "127.0.0.1" : list;
  for (int i = 0; i < index && strchr(at, ',') != NULL; ++i) at = strchr(at, ',') + 1;
  const size_t length = strcspn(at, ",");
  memset(out, 0, size);
  memcpy(out, at, length < size ? length : size - 1);
}

static int count_addresses(void) {
  const char* list = getenv("KONEKWA_TEST_ADDRESSES");
  int count = 1;
  for (; list != NULL && *list != '\0'; ++list) count += *list == ',';
  return count;
}

int getaddrinfo(const char* name, const char* service, const struct addrinfo* hints, struct addrinfo** out) {
  const Lookup real = (Lookup)dlsym(RTLD_NEXT, "getaddrinfo");
  if (name == NULL || strstr(name, "rebind.test") == NULL) return real(name, service, hints, out);
  char address[64];
  if (strncmp(name, "both.", 5) != 0) {
    pthread_mutex_lock(&mutex);
    const int index = lookups++;
    pthread_mutex_unlock(&mutex);
    take_address(index, address, sizeof address);
    return real(address, service, hints, out);
  }
  struct addrinfo** end = out;
  for (int i = 0; i < count_addresses(); ++i) {
    take_address(i, address, sizeof address);
    if (real(address, service, hints, end) != 0) continue;
    while (*end != NULL) end = &(*end)->ai_next;
  }
  return 0;
}
