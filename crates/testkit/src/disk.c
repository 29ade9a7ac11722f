/* A disk that fails, or lies, for the files below one folder: loaded before the C library, it looks into a control file at every
   call. "eio 10" and "enospc 10" fail ten of a hundred writes, syncs, renames and new folders; "lie" syncs nothing and says that
   it did. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

enum { WELL, FAIL, LIE };

static int below(const char *path) {
    const char *folder = getenv("TESTKIT_DISK_FOLDER");
    size_t n = folder ? strlen(folder) : 0;
    return n && strncmp(path, folder, n) == 0 && (path[n] == '/' || path[n] == 0);
}

static int mood(void) {
    const char *control = getenv("TESTKIT_DISK_CONTROL");
    char text[64] = {0}, word[16] = {0};
    unsigned percent = 0, chance = 0;
    int fd = control ? (int)syscall(SYS_openat, AT_FDCWD, control, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0) return WELL;
    if (syscall(SYS_read, fd, text, sizeof text - 1) < 0) text[0] = 0;
    syscall(SYS_close, fd);
    if (sscanf(text, "%15s %u", word, &percent) < 1) return WELL;
    if (strcmp(word, "lie") == 0) return LIE;
    if (getrandom(&chance, sizeof chance, 0) < 0 || chance % 100 >= percent) return WELL;
    if (strcmp(word, "eio") == 0) { errno = EIO; return FAIL; }
    if (strcmp(word, "enospc") == 0) { errno = ENOSPC; return FAIL; }
    return WELL;
}

static int of(int fd) {
    char link[64], path[4096];
    ssize_t n;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    n = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
    if (n <= 0) return WELL;
    path[n] = 0;
    return below(path) ? mood() : WELL;
}

#define REAL(result, name, ...) \
    static result (*real)(__VA_ARGS__); \
    if (!real) real = (result (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

ssize_t write(int fd, const void *bytes, size_t n) {
    REAL(ssize_t, "write", int, const void *, size_t);
    if (fd > 2 && of(fd) == FAIL) return -1;
    return real(fd, bytes, n);
}

int fsync(int fd) {
    REAL(int, "fsync", int);
    int how = of(fd);
    return how == FAIL ? -1 : how == LIE ? 0 : real(fd);
}

int fdatasync(int fd) {
    REAL(int, "fdatasync", int);
    int how = of(fd);
    return how == FAIL ? -1 : how == LIE ? 0 : real(fd);
}

int rename(const char *from, const char *to) {
    REAL(int, "rename", const char *, const char *);
    if (below(to) && mood() == FAIL) return -1;
    return real(from, to);
}

int mkdir(const char *path, mode_t mode) {
    REAL(int, "mkdir", const char *, mode_t);
    if (below(path) && mood() == FAIL) return -1;
    return real(path, mode);
}
