// Preloaded into the program: counts its allocations in the first eight bytes of the file that
// ALLOCATION_COUNT names, so that another process reads the count while the program runs. For glibc.
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);

static atomic_ulong before_the_file;
static atomic_ulong* count = &before_the_file;

__attribute__((constructor)) static void share_the_count(void) {
    const char* path = getenv("ALLOCATION_COUNT");
    const int file = path ? open(path, O_RDWR) : -1;
    if (file < 0) {
        return;
    }
    void* shared = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (shared != MAP_FAILED) {
        count = shared;
    }
}

static void counted(void) {
    atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
}

void* malloc(size_t size) {
    counted();
    return __libc_malloc(size);
}

void* calloc(size_t members, size_t size) {
    counted();
    return __libc_calloc(members, size);
}

void* realloc(void* old, size_t size) {
    counted();
    return __libc_realloc(old, size);
}

void* aligned_alloc(size_t alignment, size_t size) {
    counted();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void** made, size_t alignment, size_t size) {
    counted();
    *made = __libc_memalign(alignment, size);
    return *made ? 0 : ENOMEM;
}
